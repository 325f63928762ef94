/** Owns the choice of a named credential provider: by its name, or by the access key id that a client presents for it. */
import type { CredentialProvider, Settings } from "./settings";

type Providers = Pick<Settings, "credentialProviders">;

/** @returns the provider of that name, exactly as it is written */
export function namedCredentialProvider(settings: Providers, name: string): CredentialProvider | undefined {
  return settings.credentialProviders.find((provider) => provider.name === name);
}

/**
 * @param accessKeyId - as a client signed with it; compared exactly, as selectors are upper case
 * @returns the name for `callProperties.credential_provider`; `undefined` when no provider has that selector
 */
export function selectCredentialProvider(settings: Providers, accessKeyId: string): string | undefined {
  if (accessKeyId === "") return undefined;
  return settings.credentialProviders.find((provider) => provider.accessKeyIdSelector === accessKeyId)?.name;
}
