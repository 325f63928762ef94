/** Owns the masking of an answer before the terminal shows it: what the operation's model marks, and what always is secret. */
import { join } from "node:path";
import { sensitiveMembers } from "../client/sensitive-members";
import { Masker } from "../logging/masker";
import { ModelCatalog } from "../models/model-catalog";
import { secretsOf } from "../platform/secrets-of-properties";
import { nodeFiles } from "../runtime/node-files";
import type { MethodTarget } from "./method-names";
import { adapterFolder } from "./open-adapter";

/**
 * @param answer - what the method answered
 * @param properties - of the service instance, whose secrets are masked wherever they appear
 */
export function maskAnswer(answer: unknown, target: MethodTarget, properties: unknown): unknown {
  const masker = new Masker();
  for (const secret of secretsOf(properties)) masker.addSecret(secret);
  const models = new ModelCatalog(join(adapterFolder, "entities"), nodeFiles);
  return masker.maskValue(answer, sensitiveMembers(models.service(target.service).operation(target.operation)));
}
