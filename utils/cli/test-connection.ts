/** Owns `adapter-aws test-connection`: whether the credentials of a service instance can be had, and may list buckets. */
import type { Command } from "commander";
import { maskAnswer } from "./mask-answer";
import { openConfigured } from "./open-adapter";
import { addCommonOptions, type CommonOptions } from "./options";
import type { Terminal } from "./terminal";

interface TestConnectionOptions extends CommonOptions {
  readonly bucket?: string;
  readonly region?: string;
  readonly provider?: string;
}

export function addTestConnection(program: Command, terminal: Terminal): void {
  addCommonOptions(program.command("test-connection"))
    .description("obtain the credentials of the service instance and list the buckets of its account")
    .option("-b, --bucket <name>", "look at this bucket too; one that cannot be reached is told, and fails nothing")
    .option("-r, --region <region>", "region to ask; us-east-1 without it")
    .option("--provider <name>", "credential provider to test, in place of the service instance's own credentials")
    .action(async ({ bucket, region, provider, ...options }: TestConnectionOptions) => {
      const { call, properties } = openConfigured(options, terminal);
      const metadata = provider === undefined ? undefined : { callProperties: { credential_provider: provider } };
      const answer = await call("iapTestConnection", { Bucket: bucket, Region: region }, metadata);
      const target = { service: "s3", operation: "ListBuckets", kind: "plain" } as const;
      terminal.result(maskAnswer(answer.response, target, properties));
    });
}
