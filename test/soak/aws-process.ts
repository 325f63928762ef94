/** Owns the AWS of a soak, in a process of its own: it notes who signed each request, and every secret it hands out. */
import { ServerResponse } from "node:http";
import { startSimulator } from "../../utils/simulator/simulator";
import type { AwsReport, ToAws } from "./messages";
import { soakWorld } from "./world";

const DRAIN_EVERY_MS = 200;
/** Who has whose keys is known once a request with them has been believed. */
const principals = new Map<string, string>();
const unbelieved: { readonly accessKeyId: string; readonly note: string }[] = [];
const secrets = new Set<string>();
const wrongIdentities: string[] = [];
let checked = 0;
let assumeRoles = 0;
let requests = 0;

/** Whatever is answered is read once more for what must never be seen again. */
function collectSecrets(): void {
  const end = ServerResponse.prototype.end as (this: ServerResponse, ...given: unknown[]) => ServerResponse;
  ServerResponse.prototype.end = function (this: ServerResponse, ...given: unknown[]) {
    const [body] = given;
    const text = typeof body === "string" || Buffer.isBuffer(body) ? body.toString() : "";
    for (const match of text.matchAll(/<(SecretAccessKey|SessionToken)>([^<]+)</g)) secrets.add(match[2] as string);
    return end.apply(this, given);
  } as typeof ServerResponse.prototype.end;
}

/** The note is the ARN that the call asked for, or how it begins. */
const isAsked = (note: string, principal: string): boolean =>
  note.endsWith("/") ? principal.startsWith(note) : principal === note;

function check(note: string, principal: string, text: string): void {
  checked += 1;
  if (!isAsked(note, principal)) wrongIdentities.push(`${text}: asked as ${note}, signed by ${principal}`);
}

async function main(): Promise<void> {
  collectSecrets();
  const simulator = await startSimulator({
    world: soakWorld(process.env["SOAK_SECRET"] ?? ""),
    credentialLifetimeSeconds: 78,
  });
  const drain = (): void => {
    for (const { action, accessKeyId, principalArn, note, service } of simulator.requests) {
      requests += 1;
      if (action === "AssumeRole") assumeRoles += 1;
      if (accessKeyId === undefined) continue;
      if (principalArn !== undefined) principals.set(accessKeyId, principalArn);
      if (note === undefined) continue;
      if (principalArn === undefined) unbelieved.push({ accessKeyId, note });
      else check(note, principalArn, `${service} ${action}`);
    }
    simulator.clearRequests();
  };
  const timer = setInterval(drain, DRAIN_EVERY_MS);
  process.on("message", (message: ToAws) => {
    if (message.type === "fault") {
      if (message.fault === null) simulator.faults.clear(message.service);
      else simulator.faults.set(message.service, message.fault);
      return;
    }
    drain();
    clearInterval(timer);
    for (const { accessKeyId, note } of unbelieved) {
      const principal = principals.get(accessKeyId);
      if (principal !== undefined) check(note, principal, "a request that a fault swallowed");
    }
    const report: AwsReport = {
      type: "report",
      checked,
      wrongIdentities,
      assumeRoles,
      requests,
      secrets: [...secrets],
    };
    process.send?.(report);
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ type: "ready", port: simulator.port });
}

void main();
