/** Owns the pictures of docs/scale.md: Vega-Lite's specification of each, rendered to SVG. */
"use strict";

const text = { labelFontSize: 12, titleFontSize: 13, labelLimit: 400, titleLimit: 600 };
const config = {
  background: "white",
  font: "sans-serif",
  axis: { ...text, grid: true, gridColor: "#e6e6e6" },
  legend: text,
  title: { fontSize: 15, anchor: "start" },
};
const powers = (title, domain) => ({ title, scale: { type: "log", ...(domain && { domain }) } });

/** @param rows - `{ roles, nodes, cache, model, simulated? }` */
function assumeRolePicture(rows, quota) {
  const colour = {
    field: "roles",
    type: "nominal",
    title: "Roles",
    sort: ["10", "1,000", "100,000"],
    scale: { range: ["#1b9e77", "#7570b3", "#d95f02"] },
  };
  const x = { field: "nodes", type: "quantitative", ...powers("Nodes") };
  const y = (field) => ({ field, type: "quantitative", ...powers("AssumeRole calls a second, all nodes together") });
  const dash = {
    field: "cache",
    type: "nominal",
    title: "Cache",
    legend: { symbolSize: 900, symbolStrokeWidth: 2 },
    sort: ["of each node", "shared"],
    scale: {
      range: [
        [1, 0],
        [6, 4],
      ],
    },
  };
  return {
    width: 620,
    height: 380,
    title: "AssumeRole at 100 calls a second: lines are the model, dots the simulation",
    layer: [
      {
        data: { values: rows },
        mark: { type: "line", strokeWidth: 2 },
        encoding: { x, y: y("model"), color: colour, strokeDash: dash },
      },
      {
        data: { values: rows.filter(({ simulated }) => simulated !== undefined) },
        mark: { type: "point", filled: true, size: 55 },
        encoding: { x, y: y("simulated"), color: colour },
      },
      {
        data: { values: [{ quota }] },
        mark: { type: "rule", color: "#b00020", strokeWidth: 1.5 },
        encoding: { y: { field: "quota", type: "quantitative" } },
      },
      {
        data: { values: [{ quota, label: `STS allows ${quota} a second in an account and region` }] },
        mark: { type: "text", align: "left", baseline: "bottom", dx: 4, dy: -3, color: "#b00020", fontSize: 12 },
        encoding: { x: { datum: 1 }, y: { field: "quota", type: "quantitative" }, text: { field: "label" } },
      },
    ],
  };
}

/** @param rows - `{ nodes, roles, cache, calls }` */
function coldStartPicture(rows, quota) {
  return {
    width: 620,
    height: 300,
    title: `A cold start: seconds that STS needs at ${quota} a second`,
    data: { values: rows.map((row) => ({ ...row, seconds: row.calls / quota })) },
    mark: { type: "line", strokeWidth: 2 },
    encoding: {
      x: { field: "nodes", type: "quantitative", ...powers("Nodes") },
      y: { field: "seconds", type: "quantitative", ...powers("Seconds, when every node needs every role") },
      color: {
        field: "roles",
        type: "nominal",
        title: "Roles",
        sort: ["10", "1,000", "100,000"],
        scale: { range: ["#1b9e77", "#7570b3", "#d95f02"] },
      },
      strokeDash: {
        field: "cache",
        type: "nominal",
        title: "Cache",
        legend: { symbolSize: 900, symbolStrokeWidth: 2 },
        sort: ["of each node", "shared"],
        scale: {
          range: [
            [1, 0],
            [6, 4],
          ],
        },
      },
    },
  };
}

/** @param rows - `{ offered, seen, what }` */
function servicePicture(rows, allowed) {
  return {
    width: 620,
    height: 300,
    title: `What a service sees that allows ${allowed} requests a second`,
    layer: [
      {
        data: { values: rows },
        mark: { type: "line", strokeWidth: 2 },
        encoding: {
          x: { field: "offered", type: "quantitative", title: "Calls a second, all nodes together" },
          y: { field: "seen", type: "quantitative", title: "Requests a second" },
          color: { field: "what", type: "nominal", title: null, scale: { range: ["#7570b3", "#1b9e77", "#d95f02"] } },
        },
      },
    ],
  };
}

/** @returns the picture as SVG */
async function svgOf(picture) {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const { spec } = compile({ ...picture, config });
  const view = new vega.View(vega.parse(spec), { renderer: "none" });
  // For those who cannot see it; no title here has a character that XML would read.
  const svg = await view.toSVG();
  return `${svg.replace(">", `><title>${picture.title}</title>`)}\n`;
}

module.exports = { assumeRolePicture, coldStartPicture, servicePicture, svgOf };
