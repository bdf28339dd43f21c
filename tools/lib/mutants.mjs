// Small changes to the source that a test should notice: a comparison turned, an assignment or a call
// left out, a number one too large, a condition that asks for less. Found in the syntax tree, so that
// each still compiles; compile-time declarations are left alone.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const COMPARISONS = new Map([
  ["<", "<="],
  ["<=", "<"],
  [">", ">="],
  [">=", ">"],
  ["==", "!="],
  ["!=", "=="],
]);
const CALLS = new Map([
  ["seqLt", "seqLeq"],
  ["seqLeq", "seqLt"],
  ["seqGt", "seqGeq"],
  ["seqGeq", "seqGt"],
  ["both", "either"],
  ["either", "both"],
  ["smaller", "larger"],
  ["larger", "smaller"],
  ["seqMax", "seqMin"],
  ["seqMin", "seqMax"],
]);
const LOGIC = new Map([
  ["&&", "||"],
  ["||", "&&"],
  ["+", "-"],
  ["-", "+"],
]);
/** Statements that only tell a reader or a checked build something. */
const IDLE_CALLS = new Set(["assert", "trace", "ERROR"]);

/** All mutants of some files: where, what stands there, what comes instead. In order of place. */
export function findMutants(root, paths) {
  return paths.flatMap((path) => mutantsOf(root, path));
}

function mutantsOf(root, path) {
  const text = readFileSync(join(root, path), "utf8");
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (node, to, kind) => {
    const start = node.getStart();
    const { line } = source.getLineAndCharacterOfPosition(start);
    const from = text.slice(start, node.getEnd());
    found.push({ path, line: line + 1, start, end: node.getEnd(), from, to, kind });
  };
  const visit = (node) => {
    if (isIdle(node)) return;
    mutate(node, add);
    ts.forEachChild(node, visit);
  };
  for (const statement of source.statements)
    if (ts.isFunctionDeclaration(statement)) visit(statement);
  return found;
}

function mutate(node, add) {
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.getText();
    if (isSwitch(node.left) || isSwitch(node.right)) return;
    const turned = COMPARISONS.get(operator) ?? LOGIC.get(operator);
    if (turned) add(node.operatorToken, turned, "operator");
  } else if (ts.isExpressionStatement(node)) mutateStatement(node, add);
  else if (ts.isCallExpression(node)) {
    const turned = CALLS.get(node.expression.getText());
    if (turned) add(node.expression, turned, "call");
  } else if (ts.isNumericLiteral(node) && !isShift(node)) {
    add(node, String(Number(node.text) + 1), "number");
  } else if (ts.isPrefixUnaryExpression(node) && node.getText().startsWith("!")) {
    if (!isSwitch(node)) add(node, node.operand.getText(), "negation");
  }
}

function mutateStatement(node, add) {
  const { expression } = node;
  if (ts.isBinaryExpression(expression)) add(node, ";", "assignment removed");
  else if (ts.isCallExpression(expression)) add(node, ";", "call removed");
}

const isIdle = (node) =>
  ts.isExpressionStatement(node) &&
  ts.isCallExpression(node.expression) &&
  IDLE_CALLS.has(node.expression.expression.getText());

/** Build switches are in capitals: turning one makes another build, not a defect. */
const isSwitch = (node) => /^!?[A-Z][A-Z_]+$/.test(node.getText());

/** Bits are named by shifts. */
const isShift = ({ parent }) =>
  ts.isBinaryExpression(parent) && /<<|>>/.test(parent.operatorToken.getText());
