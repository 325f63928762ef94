// The rows of the design: a folder imports only lower rows; siblings never import siblings.
const rows = [
  ["types", "errors", "loader"],
  ["settings", "models", "signing", "http", "logging", "metrics", "redis"],
  ["client", "edge", "rates"],
  ["credentials"],
  ["runtime"],
  ["proxy", "simulator", "platform"],
  ["cli"],
];
const inFolder = (names) => `^utils/(${names.join("|")})/`;

const forbidden = [
  { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  {
    name: "errors-may-use-types-only",
    severity: "error",
    from: { path: inFolder(["types"]) },
    to: { path: inFolder(["errors"]) },
  },
  {
    name: "adapter-never-imports-simulator",
    severity: "error",
    from: { path: "^(adapter|utils/(?!simulator|cli|catalog))" },
    to: { path: "^utils/simulator/", reachable: true },
  },
  {
    name: "catalog-is-development-only",
    severity: "error",
    from: { pathNot: "^(utils/catalog|test)/" },
    to: { path: "^utils/catalog/" },
  },
  { name: "nothing-imports-tests", severity: "error", from: { path: "^(adapter|utils/)" }, to: { path: "^test/" } },
  {
    name: "nothing-imports-adapter-but-cli",
    severity: "error",
    from: { path: "^utils/(?!cli)" },
    to: { path: "^adapter\\.ts$" },
  },
  {
    name: "no-undeclared-packages",
    severity: "error",
    from: { path: "^(adapter|utils/(?!catalog))" },
    to: {
      dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown", "undetermined"],
      dependencyTypesNot: ["type-only"],
    },
  },
];
rows.forEach((row, index) => {
  const above = rows.slice(index + 1).flat();
  if (above.length > 0) {
    forbidden.push({
      name: `row-${index}-imports-lower-rows-only`,
      severity: "error",
      from: { path: inFolder(row) },
      to: { path: inFolder(above) },
    });
  }
  if (index > 0) {
    for (const folder of row) {
      const siblings = row.filter((name) => name !== folder);
      if (siblings.length > 0) {
        forbidden.push({
          name: `${folder}-imports-no-sibling`,
          severity: "error",
          from: { path: inFolder([folder]) },
          to: { path: inFolder(siblings) },
        });
      }
    }
  }
});

module.exports = {
  forbidden,
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|node_modules/.cache)/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default", "types"] },
  },
};
