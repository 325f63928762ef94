/** Owns the choice of the factory for each kind of source: the only switch over them that fetches. */
import { AdapterError } from "../errors/adapter-error";
import type { AwsCredentialIdentityProvider } from "../types/identity";
import type { CredentialSource } from "../types/role-chain";
import { type ContainerDependencies, fromContainer } from "./from-container";
import { fromEnvironment } from "./from-environment";
import { fromInstanceMetadata } from "./from-instance-metadata";
import { fromStatic } from "./from-static";
import { fromWebIdentity, type WebIdentityDependencies } from "./from-web-identity";

export type SourceDependencies = ContainerDependencies & WebIdentityDependencies;

/**
 * @param source - of a chain
 * @param words - what errors call it
 * @returns its provider; nothing is fetched yet
 */
export function fromSource(
  source: CredentialSource,
  dependencies: SourceDependencies,
  words: string,
): AwsCredentialIdentityProvider {
  switch (source.type) {
    case "static":
      return fromStatic(source);
    case "environment":
      return fromEnvironment(source, dependencies.clock, words);
    case "webIdentity":
      return fromWebIdentity(source, dependencies, words);
    case "container":
      return fromContainer(source, dependencies, words);
    case "instanceMetadata":
      return fromInstanceMetadata(source, dependencies, words);
    case "rolesAnywhere":
      return async () => {
        throw new AdapterError("CREDENTIAL_SOURCE_FAILED", {
          step: words,
          reason: "this version plans it only",
          advice: "Use another source of credentials.",
        });
      };
  }
}
