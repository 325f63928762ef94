/** Owns the way from the properties of a service instance to what its calls run on. */
import { createRuntime, type Dependencies } from "../runtime/create-runtime";
import { parseSettings } from "../settings/parse-settings";
import { lazy } from "../types/lazy";
import type { PlatformRuntime } from "./send-call";

const stubbed = lazy(() => (require("./stub-answer") as typeof import("./stub-answer")).stubbedRuntime);

/**
 * @param id - of the service instance
 * @throws AdapterError when the properties are wrong, or no call could ever be signed with them
 */
export function openRuntime(id: string, properties: unknown, dependencies: Dependencies): PlatformRuntime {
  const runtime = createRuntime(parseSettings(id, properties, dependencies.environment), dependencies);
  if (runtime.settings.stub) return stubbed()(runtime, dependencies.adapterFolder, dependencies.files);
  try {
    runtime.plan({ kind: "plain" });
    return runtime;
  } catch (thrown) {
    runtime.close();
    throw thrown;
  }
}
