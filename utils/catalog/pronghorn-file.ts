/** Owns pronghorn.json: what the platform reads to know which methods the adapter has and what they take. */
import type { OperationRecord } from "../models/entity-format";
import { asciiJson, methodPrefix } from "./entity-files";
import type { ServiceEntity } from "./extract-service";
import { inputSchema, type JsonSchema, type SchemaSource } from "./json-schema";
import methodArguments from "./method-arguments.json";
import platformMethods from "./platform-methods.json";
import connectionMethods from "./s3-connection-methods.json";

interface MethodInput {
  readonly name: string;
  readonly type: string;
  readonly info: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface Method {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly input: readonly MethodInput[];
  readonly output: {
    readonly name: string;
    readonly type: string;
    readonly description: string;
    readonly schema: JsonSchema;
  };
  readonly roles: readonly string[];
  readonly route: { readonly verb: string; readonly path: string };
  readonly task: boolean;
}

const ROLES = ["admin"];
const RESULT = {
  name: "result",
  type: "object",
  description: "Status, HTTP code and the parsed output of the operation",
  schema: { title: "result", type: "object" },
};

function argument(name: keyof typeof methodArguments): MethodInput {
  const { schema, ...others } = methodArguments[name];
  return { name, ...others, schema: { title: name, ...schema } };
}

/** Members are named in its sentence; their schemas, the same 4,700 times, are those of awsRequest. */
function metadataOfOperation(): MethodInput {
  const { schema, ...others } = argument("iapMetadata");
  return { ...others, schema: { title: schema["title"], type: schema["type"] } };
}

/** The plain method and the one as a role, which takes the role's arguments too. */
function methodPair(name: string, summary: string, description: string, params: MethodInput): readonly Method[] {
  const metadata = metadataOfOperation();
  const method = (suffix: "" | "STSRole", ownSummary: string, input: readonly MethodInput[]): Method => ({
    name: name + suffix,
    summary: ownSummary,
    description: description || ownSummary,
    input,
    output: RESULT,
    roles: ROLES,
    route: { verb: "POST", path: `/${name}${suffix}` },
    task: true,
  });
  return [
    method("", summary, [params, metadata]),
    method("STSRole", `${summary} as a role of the task`, [
      params,
      argument("stsParams"),
      argument("roleName"),
      metadata,
    ]),
  ];
}

function s3ConnectionMethods(): readonly Method[] {
  return Object.entries(connectionMethods).flatMap(
    ([operation, { summary, description, info, required, properties }]) => {
      const members = Object.entries(properties).map(([name, type]) => [name, type === "any" ? {} : { type }]);
      const schema = {
        type: "object",
        properties: Object.fromEntries(members),
        ...(required.length > 0 ? { required } : {}),
      };
      const params = {
        ...argument("params"),
        info,
        required: required.length > 0,
        schema: { title: "params", ...schema },
      };
      return methodPair(`s3Connection${operation}`, summary, description, params);
    },
  );
}

function operationMethods(
  service: string,
  sdkId: string,
  operation: string,
  record: OperationRecord,
  source: SchemaSource,
): readonly Method[] {
  const schema = inputSchema(record.input, source);
  const params: MethodInput = {
    ...argument("params"),
    info: `Input of ${operation}, with member names as AWS spells them`,
    required: schema["required"] !== undefined,
    schema,
  };
  const name = `${methodPrefix(service)}${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  return methodPair(name, `${sdkId} ${operation}`, record.documentation, params);
}

function platformMethod({ name, input, required, output, ...texts }: (typeof platformMethods.methods)[number]): Method {
  return {
    name,
    ...texts,
    input: input.map((parameter) => ({
      ...argument(parameter as keyof typeof methodArguments),
      required: (required as readonly string[]).includes(parameter),
    })),
    output: { name: "result", ...output, schema: { title: "result", type: output.type } },
    roles: ROLES,
    route: { verb: "POST", path: `/${name}` },
    task: true,
  };
}

const HEADER = {
  id: "adapter-aws",
  type: "Adapter",
  export: "AwsAdapter",
  title: "AWS",
  src: "adapter.js",
  roles: ROLES,
};

/**
 * @param entities - by service
 * @returns the text of pronghorn.json, one method a line
 */
export function pronghornFile(entities: ReadonlyMap<string, ServiceEntity>): string {
  const methods = [...entities].flatMap(([service, { service: record, operations, shapes, documentation }]) => {
    const source: SchemaSource = {
      shapes: new Map(shapes),
      members: new Map(documentation.shapes),
      enumerations: new Map(documentation.enumerations),
    };
    return operations.flatMap(([operation, action]) =>
      operationMethods(service, record.sdkId, operation, action, source),
    );
  });
  const all = [...methods, ...s3ConnectionMethods(), ...platformMethods.methods.map(platformMethod)];
  const names = new Set<string>();
  for (const { name } of all) {
    if (names.has(name)) throw new Error(`pronghorn.json would list ${name} twice`);
    names.add(name);
  }
  const header = Object.entries(HEADER).map(([name, value]) => `${JSON.stringify(name)}: ${asciiJson(value)},\n`);
  return `{\n${header.join("")}"methods": [\n${all.map(asciiJson).join(",\n")}\n]\n}\n`;
}
