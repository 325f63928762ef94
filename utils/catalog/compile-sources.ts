/**
 * Owns the making of JavaScript and declarations from the sources, a file at a time as `isolatedModules` and
 * `isolatedDeclarations` allow: without reading the types of every package that is imported, it takes a third of the time.
 * Types are what `npm run check` looks at.
 */
import { join } from "node:path";
import ts from "typescript";
import { projectFolder } from "./catalog-paths";

const CONFIGURATION = join(projectFolder, "tsconfig.build.json");
const FILE_BY_FILE: ts.CompilerOptions = { noCheck: true, noResolve: true, noLib: true, types: [] };

/**
 * Writes where tsconfig.build.json says.
 * @throws Error with the compiler's words, file and line when a file is no TypeScript or a declaration lacks its type
 */
export function compileSources(): void {
  const refuse = (found: readonly ts.Diagnostic[]): void => {
    if (found.length > 0) throw new Error(ts.formatDiagnostics(found, host));
  };
  const host = ts.createCompilerHost({});
  const configuration = ts.getParsedCommandLineOfConfigFile(CONFIGURATION, FILE_BY_FILE, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (found) => refuse([found]),
  });
  if (configuration === undefined) throw new Error(`${CONFIGURATION} cannot be read`);
  const { options, fileNames, errors } = configuration;
  refuse(errors);
  const program = ts.createProgram(fileNames, options);
  refuse(program.getSyntacticDiagnostics());
  refuse(program.emit().diagnostics);
}
