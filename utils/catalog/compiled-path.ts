/** Owns the way back from compiled JavaScript to the JMESPath expression that it was generated from. */
import ts from "typescript";

/** What a variable holds: an expression, or a list that is being filled. */
type Value = { readonly path: string } | { readonly list: string[] };
type Scope = Map<string, Value>;

const COMPARATORS: ReadonlySet<string> = new Set(["==", "!=", ">", ">=", "<", "<=", "&&", "||"]);

const LOGICAL: readonly string[] = ["||", "&&"];

class UnknownForm extends Error {}

const literal = (value: string): string => `\`${value}\``;
const text = (value: Value): string => ("path" in value ? value.path : `[${value.list.join(", ")}]`);
const join = (left: string, right: string): string => (left === "" || right === "" ? left + right : `${left}.${right}`);
/** `@` where an expression must stand and the current element is meant. */
const operand = (path: string): string => (path === "" ? "@" : path);
const isProjection = (path: string): boolean => /\[(?:\*|\?.*)?\]/.test(path);

function variable(name: string, scope: Scope): Value {
  const value = scope.get(name);
  if (value === undefined) throw new UnknownForm(name);
  return value;
}

function each(callback: ts.Expression | undefined, scope: Scope): string {
  if (callback === undefined || !ts.isArrowFunction(callback) || !ts.isBlock(callback.body))
    throw new UnknownForm("callback");
  const parameter = callback.parameters[0]?.name;
  if (parameter === undefined || !ts.isIdentifier(parameter)) throw new UnknownForm("parameter");
  const inner: Scope = new Map(scope);
  inner.set(parameter.text, { path: "" });
  return text(block(callback.body, inner));
}

function callExpression(node: ts.CallExpression, scope: Scope): string {
  const { expression, arguments: parameters } = node;
  if (!ts.isPropertyAccessExpression(expression)) throw new UnknownForm(node.getText());
  const method = expression.name.text;
  const [first] = parameters;
  if (method === "concat" && first !== undefined && ts.isSpreadElement(first))
    return `${operand(convert(first.expression, scope))}[]`;
  if (expression.expression.getText() === "Object" && first !== undefined)
    return `${method}(${operand(convert(first, scope))})`;
  const source = convert(expression.expression, scope);
  if (method === "map") {
    const mapped = each(first, scope);
    return join(isProjection(source) ? source : `${source}[*]`, mapped);
  }
  if (method === "filter") return `${source}[?${each(first, scope)}]`;
  if (method === "includes" && first !== undefined) return `contains(${operand(source)}, ${convert(first, scope)})`;
  throw new UnknownForm(node.getText());
}

/** Whether an operand needs parentheses to stay one: `||` binds looser than `&&`, and both looser than a comparison. */
function bindsLooser(node: ts.Expression, operator: string): boolean {
  if (ts.isParenthesizedExpression(node)) return bindsLooser(node.expression, operator);
  if (!ts.isBinaryExpression(node)) return false;
  const inner = LOGICAL.indexOf(node.operatorToken.getText());
  return inner !== -1 && inner !== LOGICAL.indexOf(operator);
}

function binary(node: ts.BinaryExpression, scope: Scope): string {
  const operator = node.operatorToken.getText().replace("===", "==");
  if (!COMPARATORS.has(operator)) throw new UnknownForm(node.getText());
  const side = (child: ts.Expression): string => {
    const path = operand(convert(child, scope));
    return bindsLooser(child, operator) ? `(${path})` : path;
  };
  return `${side(node.left)} ${operator} ${side(node.right)}`;
}

function convert(node: ts.Expression, scope: Scope): string {
  if (ts.isIdentifier(node)) return text(variable(node.text, scope));
  if (ts.isParenthesizedExpression(node)) return convert(node.expression, scope);
  if (ts.isStringLiteral(node)) return `'${node.text}'`;
  if (ts.isNumericLiteral(node)) return literal(String(Number(node.text)));
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return literal(node.getText());
  if (ts.isPropertyAccessExpression(node)) {
    const source = convert(node.expression, scope);
    return node.name.text === "length" ? `length(${operand(source)})` : join(source, node.name.text);
  }
  if (ts.isElementAccessExpression(node))
    return `${convert(node.expression, scope)}[${node.argumentExpression.getText()}]`;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return `!(${convert(node.operand, scope)})`;
  if (ts.isBinaryExpression(node)) return binary(node, scope);
  if (ts.isCallExpression(node)) return callExpression(node, scope);
  throw new UnknownForm(node.getText());
}

function declare(declaration: ts.VariableDeclaration, scope: Scope): void {
  const { name, initializer } = declaration;
  if (!ts.isIdentifier(name) || initializer === undefined) throw new UnknownForm(declaration.getText());
  const isList = ts.isArrayLiteralExpression(initializer) && initializer.elements.length === 0;
  scope.set(name.text, isList ? { list: [] } : { path: convert(initializer, scope) });
}

/** `list.push(value)` fills a list, `variable = list` names it anew. */
function perform(node: ts.Expression, scope: Scope): void {
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isIdentifier(node.right)
  ) {
    scope.set(node.left.getText(), variable(node.right.text, scope));
    return;
  }
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === "push"
  ) {
    const target = variable(node.expression.expression.getText(), scope);
    const [value] = node.arguments;
    if ("list" in target && value !== undefined) {
      target.list.push(convert(value, scope));
      return;
    }
  }
  throw new UnknownForm(node.getText());
}

function block(body: ts.Block, scope: Scope): Value {
  for (const statement of body.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) declare(declaration, scope);
    } else if (ts.isExpressionStatement(statement)) {
      perform(statement.expression, scope);
    } else if (ts.isReturnStatement(statement) && statement.expression !== undefined) {
      const returned = statement.expression;
      return ts.isIdentifier(returned) ? variable(returned.text, scope) : { path: convert(returned, scope) };
    } else {
      throw new UnknownForm(statement.getText());
    }
  }
  throw new UnknownForm("no return");
}

/**
 * @param body - of a generated function over the variable `result`
 * @returns the expression, or undefined when the code has a form that is not known
 */
export function compiledPath(body: ts.Block): string | undefined {
  try {
    return text(block(body, new Map([["result", { path: "" }]])));
  } catch (error) {
    if (error instanceof UnknownForm) return undefined;
    throw error;
  }
}
