/** Owns the cases of the logger: what a platform's log may look like, and what is written where it has none. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createLogger, logLevels, maskedLogger } from "../../../utils/logging/platform-logger";

const collect = (levels: readonly string[], more: object = {}) => {
  const lines: string[] = [];
  const sink: Record<string, unknown> = { ...more };
  for (const level of levels) sink[level] = (message: string) => lines.push(`${level} ${message}`);
  return { lines, sink };
};

describe("createLogger", () => {
  it("writes to the platform's log at each of its levels, with the adapter's id", () => {
    const { lines, sink } = collect(logLevels);
    const logger = createLogger("aws-1", sink);
    for (const level of logLevels) logger[level]("m");
    assert.deepEqual(
      lines,
      logLevels.map((level) => `${level} aws-1: m`),
    );
    assert.ok(logLevels.every((level) => logger.isEnabled(level)));
  });

  it("writes to the next graver level where a log lacks one", () => {
    const { lines, sink } = collect(["debug", "error"]);
    const logger = createLogger("a", sink);
    for (const level of logLevels) logger[level]("m");
    assert.deepEqual(lines, ["debug a: m", "debug a: m", "debug a: m", "error a: m", "error a: m", "error a: m"]);
  });

  it("asks a log for its level: by name, by winston's ranks, by isLevelEnabled", () => {
    const named = createLogger("a", collect(logLevels, { level: "info" }).sink);
    const ranked = createLogger(
      "a",
      collect(logLevels, { level: "info", levels: { error: 0, info: 2, debug: 4 } }).sink,
    );
    const asked = createLogger("a", collect(logLevels, { isLevelEnabled: (level: string) => level === "error" }).sink);
    const enabled = (logger: typeof named) => logLevels.filter((level) => logger.isEnabled(level));
    assert.deepEqual(enabled(named), ["info", "warn", "error"]);
    assert.ok(ranked.isEnabled("info") && !ranked.isEnabled("debug"));
    assert.deepEqual(enabled(asked), ["error"]);
  });

  it("follows a level that changes while it runs", () => {
    const { sink, lines } = collect(logLevels, { level: "info" });
    const logger = createLogger("a", sink);
    logger.debug("no");
    sink["level"] = "debug";
    logger.debug("yes");
    assert.deepEqual(lines, ["debug a: yes"]);
  });

  it("uses pino on stderr where the platform has none, loaded with the first entry that is written", () => {
    const program = `
      const { createLogger } = require("./utils/logging/platform-logger.ts");
      const loaded = () => Object.keys(require.cache).some((path) => /node_modules.pino./.test(path));
      const logger = createLogger("aws-1", undefined);
      logger.debug("quiet");
      const before = loaded();
      logger.warn("heard");
      console.log(JSON.stringify([before, loaded(), logger.isEnabled("debug"), logger.isEnabled("info")]));`;
    const run = spawnSync(process.execPath, ["--require", "tsx/cjs", "-e", program], { encoding: "utf8" });
    assert.equal(run.stdout.trim(), "[false,true,false,true]", run.stderr);
    assert.match(run.stderr, /"msg":"aws-1: heard"/);
    assert.doesNotMatch(run.stderr, /quiet/);
  });
});

describe("maskedLogger", () => {
  it("masks every entry, and masks nothing that is not written", () => {
    const { lines, sink } = collect(logLevels, { level: "info" });
    const masked: string[] = [];
    const logger = maskedLogger(createLogger("a", sink), {
      maskText: (text) => {
        masked.push(text);
        return text.toUpperCase();
      },
    });
    logger.debug("quiet");
    logger.error("heard");
    assert.deepEqual([lines, masked], [["error a: HEARD"], ["heard"]]);
  });
});
