/** Owns what S3 Control has to itself: ARNs of Outposts where a plain name belongs into the path. */
import type { CustomisationFactory, NativeInput } from "./customisation";

/** `arn:aws:s3-outposts:region:account:outpost/op-1/bucket/name`, with `:` or `/` between the parts. */
const OUTPOST_ARN =
  /^arn:[\w-]+:s3-outposts:[\w-]*:(\d{12}):outpost[:/]([^:/]+)[:/](?:bucket|accesspoint)[:/]([^:/]+)$/;

const MEMBERS = ["Name", "Bucket"] as const;

function outpostOf(
  input: NativeInput,
): { readonly member: string; readonly account: string; readonly outpost: string; readonly name: string } | undefined {
  for (const member of MEMBERS) {
    const [, account, outpost, name] = OUTPOST_ARN.exec(String(input[member] ?? "")) ?? [];
    if (account !== undefined && outpost !== undefined && name !== undefined) return { member, account, outpost, name };
  }
  return undefined;
}

/** The rules choose the host by the whole ARN; path and headers take it apart. */
export const outpostArns: CustomisationFactory = () => ({
  input: (input) => {
    const found = outpostOf(input);
    return found === undefined ? input : { ...input, AccountId: input["AccountId"] ?? found.account };
  },
  afterEndpoint: (input) => {
    const found = outpostOf(input);
    return found === undefined ? input : { ...input, [found.member]: found.name };
  },
  request: (request, input) => {
    const found = outpostOf(input);
    if (found !== undefined) request.headers["x-amz-outpost-id"] = found.outpost;
  },
});
