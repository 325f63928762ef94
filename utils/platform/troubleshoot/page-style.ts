/** Owns how the page looks: colours of both schemes, boxes and arrows, and a table that folds up on a phone. */

export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --paper: #ffffff; --ink: #1b2430; --quiet: #56616f; --line: #cfd6de;
  --good: #12703f; --good-ground: #e5f5ec; --bad: #b3211d; --bad-ground: #fdeceb;
  --warn: #8a5300; --warn-ground: #fff3dd; --idle: #56616f; --idle-ground: #eceff3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --paper: #1b2129; --ink: #e8ecf1; --quiet: #a5b0bd; --line: #37414d;
    --good: #6fd69c; --good-ground: #123524; --bad: #ff9c95; --bad-ground: #45191a;
    --warn: #f2c063; --warn-ground: #3d2b0b; --idle: #a5b0bd; --idle-ground: #27303a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
main { max-width: 56rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.15rem; line-height: 1.4; margin: 0.25rem 0; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0.25rem 0; }
.kind, .when, .why { color: var(--quiet); font-size: 0.85rem; }
.detail { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.85rem; }
.verdict { background: var(--paper); border: 1px solid var(--line); border-left: 0.4rem solid var(--tone); border-radius: 0.5rem; padding: 0.75rem 1rem; }
.passed { --tone: var(--good); --tone-ground: var(--good-ground); }
.failed { --tone: var(--bad); --tone-ground: var(--bad-ground); }
.warning { --tone: var(--warn); --tone-ground: var(--warn-ground); }
.skipped, .not-tried { --tone: var(--idle); --tone-ground: var(--idle-ground); }
.badge { display: inline-block; color: var(--tone); background: var(--tone-ground); border-radius: 1rem; padding: 0.05rem 0.6rem; font-size: 0.8rem; font-weight: 600; white-space: nowrap; vertical-align: 0.1em; }
.chain { list-style: none; margin: 0; padding: 0; }
.box { background: var(--paper); border: 2px solid var(--tone); border-radius: 0.5rem; padding: 0.6rem 0.9rem; }
.box.not-tried { border-style: dashed; }
.answer { background: var(--tone-ground); border-radius: 0.35rem; padding: 0.35rem 0.6rem; font-size: 0.9rem; }
.label { color: var(--tone); font-weight: 600; margin-right: 0.25rem; }
.arrow { display: flex; align-items: center; gap: 0.6rem; padding-left: 1.2rem; color: var(--tone); font-size: 0.85rem; }
.arrow svg { display: block; flex: none; }
.arrow path { fill: none; stroke: currentColor; stroke-width: 2.5; }
.arrow.not-tried path:first-child { stroke-dasharray: 5 4; }
table { width: 100%; border-collapse: collapse; background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem; border-top: 1px solid var(--line); font-size: 0.92rem; }
thead th { border-top: 0; color: var(--quiet); font-size: 0.8rem; }
th[scope="row"] { white-space: nowrap; }
.aws { color: var(--quiet); font-size: 0.85rem; }
.advice { font-size: 0.92rem; }
@media (max-width: 40rem) {
  main { padding: 0.6rem; }
  table, tbody { display: block; width: 100%; }
  tr { display: grid; grid-template-columns: 1fr auto; }
  tr > td:last-child { grid-column: 1 / -1; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border-top: 1px solid var(--line); padding: 0.5rem 0.75rem; }
  tr:first-child { border-top: 0; }
  th[scope="row"], td { border: 0; padding: 0.1rem 0; }
}
@media print { body { background: none; } .box, .verdict, tr { break-inside: avoid; } }
`;
