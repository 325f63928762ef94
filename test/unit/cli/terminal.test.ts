/** Owns the trials of the terminal of this process: a reader that has gone, a window that changes its size. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { processTerminal } from "../../../utils/cli/terminal";

describe("processTerminal", () => {
  const before = process.stdout.listeners("error");
  afterEach(() => {
    for (const listener of process.stdout.listeners("error")) {
      if (!before.includes(listener)) process.stdout.off("error", listener as () => void);
    }
  });

  it("ends in silence when whoever reads stdout has seen enough, and hides no other error", () => {
    const { exit } = process;
    let exits = 0;
    process.exit = (() => {
      exits += 1;
    }) as unknown as typeof exit;
    try {
      processTerminal();
      process.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      assert.equal(exits, 1);
      const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
      assert.throws(() => process.stdout.emit("error", full), /no space left/);
    } finally {
      process.exit = exit;
    }
  });

  it("is as wide as the window of stdout is now", () => {
    const { columns } = process.stdout;
    const terminal = processTerminal();
    try {
      for (const width of [20, 150]) {
        process.stdout.columns = width;
        assert.equal(terminal.width, width);
      }
    } finally {
      process.stdout.columns = columns;
    }
  });

  it("shows pictures one after the other in a window that does not know its size", async () => {
    const { columns, rows, isTTY, write } = process.stdout;
    const terminal = processTerminal();
    let written = "";
    try {
      Object.assign(process.stdout, { columns: 0, rows: 0, isTTY: true });
      process.stdout.write = ((text: string) => {
        written += text;
        return true;
      }) as typeof write;
      assert.ok(terminal.width > 0);
      await terminal.redraw("first");
      await terminal.redraw("second");
    } finally {
      Object.assign(process.stdout, { columns, rows, isTTY, write });
    }
    assert.equal(written, "first\n\nsecond\n\n");
  });
});
