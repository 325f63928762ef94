/** Owns the picture of a role chain as data: the boxes from the source to the service, before anything was tried. */
import { describeSource } from "../../settings/describe-role-chain";
import { reasonOfChain, reasonOfStep } from "../../settings/explain-role-chain";
import { parseRoleArn } from "../../settings/role-arn";
import type { AssumeRoleStep, CredentialSource, RoleChain } from "../../types/role-chain";
import type { ChainLink } from "./report";

/** What the chain is for. */
export interface ChainTarget {
  readonly service: string;
  readonly operation: string;
  readonly region?: string;
}

function keyOf(source: CredentialSource): string {
  const words = describeSource(source);
  const where = /\((.*)\)$/.exec(words)?.[1] ?? "";
  return source.type === "static" || source.type === "environment" ? `${source.accessKeyId}, ${where}` : where;
}

const sourceLink = (chain: RoleChain): ChainLink => ({
  kind: "source",
  title: describeSource(chain.source).replace(/ \(.*$/, ""),
  detail: keyOf(chain.source),
  why: reasonOfChain(chain),
  status: "not-tried",
});

const roleLink = (step: AssumeRoleStep): ChainLink => ({
  kind: "role",
  title: parseRoleArn(step.roleArn)?.roleName ?? step.roleArn,
  detail: step.roleArn,
  arrow: step.skipWhenAttached === true ? "AssumeRole, unless it is the attached role" : "AssumeRole",
  why: reasonOfStep[step.origin],
  status: "not-tried",
});

/** @returns one link for the source, one for each step, one for the service */
export function chainPicture(chain: RoleChain, { service, operation, region }: ChainTarget): ChainLink[] {
  const target: ChainLink = {
    kind: "service",
    title: `${service} ${operation}`,
    detail: region === undefined ? "region of the service" : region,
    arrow: "signed request",
    status: "not-tried",
  };
  return [sourceLink(chain), ...chain.steps.map(roleLink), target];
}
