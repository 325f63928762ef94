/** Owns the far end: a process that reads requests and gives canned answers as fast as Node can, and counts AssumeRole. */
"use strict";
const { randomBytes } = require("node:crypto");
const { readFileSync } = require("node:fs");
const net = require("node:net");
const path = require("node:path");

const answerOf = (file) => readFileSync(path.join(__dirname, "answers", file));

function canned(body, contentType) {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\nx-amzn-requestid: 7f2c0c1e\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** The same reservation as often as it takes to make a megabyte. */
function megabyte(document) {
  const [, before, item, after] = /^([\s\S]*<reservationSet>)(<item>[\s\S]*<\/item>)(<\/reservationSet>[\s\S]*)$/.exec(
    document,
  );
  return Buffer.from(before + item.repeat(Math.ceil(1e6 / item.length)) + after);
}

const ec2 = answerOf("describe-instances.xml");
const answers = {
  ec2: canned(ec2, "text/xml;charset=UTF-8"),
  "ec2-large": canned(megabyte(ec2.toString()), "text/xml;charset=UTF-8"),
  dynamodb: canned(answerOf("get-item.json"), "application/x-amz-json-1.0"),
  sts: canned(answerOf("assume-role.xml"), "text/xml"),
};
const { sessions } = JSON.parse(process.argv[2] ?? "{}");
let assumeRoleCalls = 0;

const session = answerOf("assume-role.xml").toString();

/** As long as those of STS, and no two alike: what is kept of them is kept for each. */
function distinctSession() {
  const made = session
    .replace("canned-answer-not-a-token", randomBytes(675).toString("base64"))
    .replace("canned-answer-not-a-key-000000000000000", randomBytes(30).toString("base64"));
  return canned(Buffer.from(made), "text/xml");
}

function answerTo(head, body) {
  if (/x-amz-target: *DynamoDB_/i.test(head)) return answers.dynamodb;
  if (body.includes("MaxResults=1000")) return answers["ec2-large"];
  if (!body.includes("Action=AssumeRole")) return answers.ec2;
  assumeRoleCalls += 1;
  return sessions === "distinct" ? distinctSession() : answers.sts;
}

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  let pending = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = pending.latin1Slice(0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      socket.write(answerTo(head, pending.latin1Slice(end + 4, end + 4 + length)));
      pending = pending.subarray(end + 4 + length);
    }
  });
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("message", () => {
  process.send({ assumeRoleCalls });
  assumeRoleCalls = 0;
});
process.on("disconnect", () => process.exit(0));
