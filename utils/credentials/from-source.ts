/** Owns the choice of the factory for each kind of source: the only switch over them that fetches. */
import { describeSource } from "../settings/describe-role-chain";
import type { AwsCredentialIdentityProvider } from "../types/identity";
import { lazy } from "../types/lazy";
import type { CredentialSource, InstanceMetadataSource } from "../types/role-chain";
import type { AembitDependencies } from "./from-aembit";
import { type ContainerDependencies, fromContainer } from "./from-container";
import { fromEnvironment } from "./from-environment";
import { fromInstanceMetadata } from "./from-instance-metadata";
import type { ProfileDependencies } from "./from-profile";
import type { RolesAnywhereDependencies } from "./from-roles-anywhere";
import { fromStatic } from "./from-static";
import { fromWebIdentity, type WebIdentityDependencies } from "./from-web-identity";

export type SourceDependencies = ContainerDependencies &
  WebIdentityDependencies &
  RolesAnywhereDependencies &
  ProfileDependencies &
  AembitDependencies;

/** Certificates are read by few: not loaded before somebody needs it. */
const rolesAnywhereModule = lazy(() => require("./from-roles-anywhere") as typeof import("./from-roles-anywhere"));

const aembitModule = lazy(() => require("./from-aembit") as typeof import("./from-aembit"));
const profileModule = lazy(() => require("./from-profile") as typeof import("./from-profile"));

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
  const rolesAnywhere = lazy(() => rolesAnywhereModule().rolesAnywhereFactory(dependencies));
  const fromSource: SourceFactory = (source, words) => {
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
        return rolesAnywhere()(source, words);
      case "aembit": {
        const attestor = fromSource(source.attestor, `${words}, attested as ${describeSource(source.attestor)}`);
        return aembitModule().fromAembit(source, attestor, dependencies, words);
      }
      case "profile":
        return profileModule().fromProfile(source, dependencies, words);
    }
  };
  return fromSource;
}
