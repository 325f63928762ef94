/** Owns the AWS SDK's own clients as judges: each sends its request to a handler of ours, which answers what it is given. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { legacyServices } from "../../utils/catalog/legacy-services";
import type { Lack } from "../support/needs";
import { IDENTITY } from "../unit/client/client-fixture";

const CATALOG = join(__dirname, "../../utils/catalog");
export const SDK_REGION = "eu-west-1";

export const sdkClients: Lack = () =>
  existsSync(join(CATALOG, "node_modules/@aws-sdk/client-sts"))
    ? undefined
    : "the SDK's clients are not installed (npm ci --prefix utils/catalog)";

/** Services whose newest client is older than schemas, which is not installed: they are judged by botocore. */
const OLDER = new Set(legacyServices());

/** @returns whether the SDK's client of a service can judge */
export const hasSdkClient = (service: string): boolean => !OLDER.has(service);

type Command = new (input: unknown) => unknown;
interface SdkClient {
  send(command: unknown): Promise<Record<string, unknown>>;
}

/** @returns sends an operation of the service through the SDK's client */
export function sdkClient<Request>(
  service: string,
  handle: (request: Request) => Promise<unknown>,
  more: object = {},
): (operation: string, input: unknown) => Promise<Record<string, unknown>> {
  const sdk = createRequire(join(CATALOG, "package.json"))(`@aws-sdk/client-${service}`) as Record<string, unknown>;
  const [, Client] = Object.entries(sdk).find(
    ([name, value]) => /^[A-Z]\w*Client$/.test(name) && typeof value === "function",
  ) as [string, new (settings: object) => SdkClient];
  const requestHandler = {
    metadata: { handlerProtocol: "http/1.1" },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    handle,
  };
  const logger = { debug() {}, info() {}, warn() {}, error() {}, trace() {} };
  const client = new Client({
    region: SDK_REGION,
    credentials: IDENTITY,
    requestHandler,
    maxAttempts: 1,
    logger,
    ...more,
  });
  return (operation, input) => {
    const OperationCommand = sdk[`${operation[0]?.toUpperCase()}${operation.slice(1)}Command`] as Command;
    return client.send(new OperationCommand(input));
  };
}
