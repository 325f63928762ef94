/** Owns how an error names the identity that a call acted as. */
import type { DescribeRoleChain } from "../logging/auth-log";

export const identityWords = ({ source, steps }: ReturnType<DescribeRoleChain>): string =>
  [source, ...steps].join(", then ");
