/** Owns the last step of `npm run check`: no generated file may be stale. */
import { ensureInstalled } from "./client-packages";
import { reportExtractionErrors } from "./extraction-error";
import { generate } from "./generate";
import { differences } from "./stale-files";

function check(): void {
  ensureInstalled();
  const stale = differences(generate());
  for (const { path, reason } of stale) console.error(`${path} ${reason}.`);
  if (stale.length > 0) {
    console.error("Generated files differ from what their sources say. Run: npm run entities");
    process.exitCode = 1;
  }
}

reportExtractionErrors(check);
