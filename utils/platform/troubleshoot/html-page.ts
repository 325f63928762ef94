/** Owns the page that shows a report: one file, no script, nothing loaded, for a phone as for a desk, in dark and in light. */
import { Html, html } from "./escape-html";
import { pageStyle } from "./page-style";
import type { ChainLink, Check, CheckStatus, TroubleshootReport } from "./report";

const words: Readonly<Record<CheckStatus, string>> = {
  passed: "passed",
  failed: "failed",
  warning: "warning",
  skipped: "not needed",
  "not-tried": "not tried",
};

const signs: Readonly<Record<CheckStatus, string>> = {
  passed: "✓",
  failed: "✗",
  warning: "!",
  skipped: "–",
  "not-tried": "·",
};

const badge = (status: CheckStatus): Html =>
  html`<span class="badge ${status}"><span aria-hidden="true">${signs[status]}</span> ${words[status]}</span>`;

/** Drawn, not typed: a line with a head, in the colour of what became of it. */
const arrow = ({ arrow: label, status }: ChainLink): Html | undefined =>
  label === undefined
    ? undefined
    : html`<div class="arrow ${status}"><svg viewBox="0 0 16 40" width="16" height="40" aria-hidden="true" focusable="false"><path d="M8 0V33" /><path d="M2 28l6 9 6-9" class="head" /></svg><span>${label}</span></div>`;

const link = (one: ChainLink): Html => html`
<li>
${arrow(one)}
<div class="box ${one.status}">
<p class="kind">${one.kind === "source" ? "starts as" : one.kind === "role" ? "becomes the role" : "calls"}</p>
<h3>${one.title} ${badge(one.status)}</h3>
<p class="detail">${one.detail}</p>
${one.why === undefined ? undefined : html`<p class="why">because ${one.why}</p>`}
${one.answer === undefined ? undefined : html`<p class="answer"><span class="label">Answer</span> ${one.answer}</p>`}
</div>
</li>`;

const row = ({ title, status, found, advice, aws }: Check): Html => html`
<tr>
<th scope="row">${title}</th>
<td>${badge(status)}</td>
<td>${found}${aws === undefined ? undefined : html`<br><span class="aws">AWS: ${aws.code}: ${aws.message}${aws.requestId === undefined ? undefined : ` (request ${aws.requestId})`}</span>`}${advice === undefined ? undefined : html`<br><span class="advice"><strong>To do:</strong> ${advice}</span>`}</td>
</tr>`;

/** @returns the whole page, in HTML */
export function htmlPage(report: TroubleshootReport): string {
  const { id, startedAt, durationMs, status, diagnosis, advice, checks, chain } = report;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${id}: ${words[status]}</title>
<style>${new Html(pageStyle)}</style>
</head>
<body>
<main>
<header class="verdict ${status}">
<p class="kind">adapter-aws troubleshooting, instance ${id}</p>
<h1>${badge(status)} ${diagnosis}</h1>
${advice === undefined ? undefined : html`<p class="advice"><strong>To do:</strong> ${advice}</p>`}
<p class="when"><time datetime="${startedAt}">${startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")}</time>, took ${durationMs} ms. No secret is on this page.</p>
</header>
${chain.length === 0 ? undefined : html`<section aria-labelledby="chain"><h2 id="chain">Role chain</h2><ol class="chain">${chain.map(link)}</ol></section>`}
<section aria-labelledby="checks">
<h2 id="checks">Checks</h2>
<table>
<thead><tr><th scope="col">Check</th><th scope="col">Result</th><th scope="col">What was found</th></tr></thead>
<tbody>${checks.map(row)}</tbody>
</table>
</section>
</main>
</body>
</html>
`;
  return page.text;
}
