/** Owns what the project promises of its own speed, as numbers that a run either meets or does not. */
"use strict";

const small = "ec2@32";

/** @param rows - by contender name */
module.exports = function judge(rows) {
  // Each row's ratio is the median over the rounds of what `adapter-aws` did in the same round.
  const ratio = (ours, theirs, key = small) => rows.get(theirs).speed[key].ratio / rows.get(ours).speed[key].ratio;
  const raw = "node:http (unsigned, no XML)";
  const sdk = "SDK v3 client";
  const [plain, withRole] = ["adapter-aws", "adapter-aws, task role"];
  const atLeast = (text, found, limit) => ({
    text: `${text} at least ${limit}`,
    found,
    met: found >= limit,
    digits: 2,
  });
  const atMost = (text, found, limit, digits = 0) => ({
    text: `${text} at most ${limit}`,
    found,
    met: found <= limit,
    digits,
  });
  const firstAnswerMs = (name) => rows.get(name).firstAnswerMs;
  return [
    atLeast("EC2 answer, 32 concurrent: calls/s of the SDK client, times", ratio(plain, sdk), 4),
    atLeast("EC2 answer, 32 concurrent: calls/s of the SDK client, times", ratio(plain, sdk), 6),
    atLeast("EC2 answer, 32 concurrent: share of raw node:http,", ratio(plain, raw), 0.4),
    atLeast("EC2 answer, 32 concurrent: share of raw node:http,", ratio(plain, raw), 0.55),
    atLeast("the same with a task role cached: the SDK client, times", ratio(withRole, sdk), 4),
    atLeast("the same with a task role cached: share of raw node:http,", ratio(withRole, raw), 0.4),
    atLeast("EC2 answer of 1 MB: calls/s of the SDK client, times", ratio(plain, sdk, "ec2-large@1"), 3),
    atMost("AssumeRole calls per 1,000 task calls with one role,", rows.get(withRole).assumeRolePerThousand, 1),
    atMost("first answer from a cold process, ms,", firstAnswerMs(plain), 200),
    // 200 ms where the SDK client takes 345: the one figure that means the same on every machine.
    atMost(
      "first answer from a cold process, share of the SDK client's,",
      firstAnswerMs(plain) / firstAnswerMs(sdk),
      0.58,
      2,
    ),
    // 150 ms, by the same measure.
    atMost(
      "first answer from a cold process, share of the SDK client's,",
      firstAnswerMs(plain) / firstAnswerMs(sdk),
      0.43,
      2,
    ),
    atMost("memory after the first answer, MB,", rows.get(plain).firstMegabytes, 75),
    atMost("memory after 1,000 calls at 32 concurrent, MB,", rows.get(plain).laterMegabytes, 75),
  ];
};
