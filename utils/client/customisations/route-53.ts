/** Owns what Route 53 has to itself: ids that its own answers give with a path in front. */
import type { CustomisationFactory, NativeInput } from "./customisation";

const ID_PATH = /^\/(?:hostedzone|change|delegationset)\//;
const ID_MEMBERS = ["DelegationSetId", "HostedZoneId", "Id"];

function withPlainIds(input: NativeInput, members: readonly string[]): NativeInput {
  const output = { ...input };
  for (const name of members) {
    const id = output[name];
    if (typeof id === "string") output[name] = id.replace(ID_PATH, "");
  }
  return output;
}

/** `/hostedzone/Z1` is taken as `Z1`. */
export const idNormalizer: CustomisationFactory = () => ({ input: (input) => withPlainIds(input, ID_MEMBERS) });

interface Change {
  readonly ResourceRecordSet?: { readonly AliasTarget?: NativeInput };
}

/** The same for the alias targets inside a change batch. */
export const changeResourceRecordSets: CustomisationFactory = () => ({
  input: (input) => {
    const batch = input["ChangeBatch"] as { readonly Changes?: readonly Change[] } | undefined;
    if (batch?.Changes === undefined) return input;
    return { ...input, ChangeBatch: { ...batch, Changes: batch.Changes.map(withPlainAlias) } };
  },
});

function withPlainAlias(change: Change): Change {
  const set = change.ResourceRecordSet;
  if (set?.AliasTarget === undefined) return change;
  return { ...change, ResourceRecordSet: { ...set, AliasTarget: withPlainIds(set.AliasTarget, ["HostedZoneId"]) } };
}
