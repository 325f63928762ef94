/** Owns the talking to child processes: one question, one answer, with a limit. */
"use strict";
const { fork } = require("node:child_process");
const path = require("node:path");

const answerLimitMs = 300_000;

/** Waits for the child's next message; rejects when it reports a failure, ends, or says nothing in time. */
function answerOf(child, what) {
  return new Promise((resolve, reject) => {
    const settle = (finish) => (value) => {
      clearTimeout(limit);
      child.off("message", onMessage);
      child.off("exit", onExit);
      finish(value);
    };
    const onMessage = settle((message) =>
      message.failed ? reject(new Error(`${what}: ${message.failed}`)) : resolve(message),
    );
    const onExit = settle((code) => reject(new Error(`${what} ended with ${code}`)));
    const limit = setTimeout(
      settle(() => reject(new Error(`${what} did not answer within ${answerLimitMs} ms`))),
      answerLimitMs,
    );
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}

function ask(child, question, what) {
  const answer = answerOf(child, what);
  child.send(question);
  return answer;
}

/** Starts one of bench's own files. Warnings of the peers about their Node version would only clutter the table. */
function start(file, argument) {
  const child = fork(path.join(__dirname, file), argument === undefined ? [] : [JSON.stringify(argument)], {
    execArgv: ["--no-warnings"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return child;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

module.exports = { answerOf, ask, start, stop };
