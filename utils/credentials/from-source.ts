/** Owns the choice of the factory for each kind of source: the only switch over them that fetches. */
import { AdapterError } from "../errors/adapter-error";
import type { AwsCredentialIdentityProvider } from "../types/identity";
import type { CredentialSource, InstanceMetadataSource } from "../types/role-chain";
import { type ContainerDependencies, fromContainer } from "./from-container";
import { fromEnvironment } from "./from-environment";
import { fromInstanceMetadata } from "./from-instance-metadata";
import { fromStatic } from "./from-static";
import { fromWebIdentity, type WebIdentityDependencies } from "./from-web-identity";

export type SourceDependencies = ContainerDependencies & WebIdentityDependencies;

/** @returns the provider of a source, nothing fetched yet; `words` are what errors call it */
export type SourceFactory = (source: CredentialSource, words: string) => AwsCredentialIdentityProvider;

/**
 * One factory belongs to one adapter instance: all its chains share one conversation with instance metadata, so that one
 * token serves them all, and one silence is waited for once.
 */
export function sourceFactory(dependencies: SourceDependencies): SourceFactory {
  const conversations = new Map<string, AwsCredentialIdentityProvider>();
  const metadata = (source: InstanceMetadataSource, words: string): AwsCredentialIdentityProvider => {
    const key = `${source.endpoint} ${source.version}`;
    const conversation = conversations.get(key) ?? fromInstanceMetadata(source, dependencies, words);
    conversations.set(key, conversation);
    return conversation;
  };
  return (source, words) => {
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
        return metadata(source, words);
      case "rolesAnywhere":
        return async () => {
          throw new AdapterError("CREDENTIAL_SOURCE_FAILED", {
            step: words,
            reason: "this version plans it only",
            advice: "Use another source of credentials.",
          });
        };
    }
  };
}
