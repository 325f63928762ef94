/** Owns what a simulated service is: how it reads a request, which actions it has, what each needs and does. */
import type { Answer } from "./answer";
import type { Caller } from "./caller";
import type { ConditionContext } from "./policy";
import type { ErrorFamily } from "./refusal-table";
import { Refusal } from "./service-fault";
import type { WireRequest } from "./wire-request";

/** What is known of a call when its action runs. */
export interface CallContext {
  readonly requestId: string;
  readonly region: string;
  readonly nowMs: number;
  /** The payload without signing frames. */
  readonly payload: Buffer;
  /** Absent for the few actions that need no signature. */
  readonly caller?: Caller;
}

export interface SignedCallContext extends CallContext {
  readonly caller: Caller;
}

/** One row of the table of actions. */
export interface Action<Input> {
  /** `required` unless the action proves its caller some other way. */
  readonly signature?: "required" | "none";
  /** The IAM action, `ec2:RunInstances`; without it anyone who can sign may call. */
  readonly permission?: string | ((input: Input) => string);
  /** ARNs that the permission must cover; `*` when absent. */
  readonly resources?: (input: Input, context: SignedCallContext) => readonly string[];
  readonly conditions?: (input: Input, context: SignedCallContext) => ConditionContext;
  /** Further details for the record of requests. */
  readonly roleArn?: (input: Input) => string | undefined;
  readonly run: (input: Input, context: SignedCallContext) => Answer;
}

export type Actions<Input> = Readonly<Record<string, Action<Input>>>;

/** A request whose action and input have been read, before its caller is known. */
export interface OpenedCall {
  readonly action: string;
  readonly signature: "required" | "none";
  readonly roleArn?: string;
  permission(): string | undefined;
  resources(context: SignedCallContext): readonly string[];
  conditions(context: SignedCallContext): ConditionContext;
  run(context: SignedCallContext): Answer;
}

export interface SimulatedService {
  /** The signing name. */
  readonly name: string;
  readonly family: ErrorFamily;
  readonly actionNames: readonly string[];
  /** @throws Refusal `unknown-action`, ServiceFault when the request cannot be read */
  open(request: WireRequest, payload: Buffer): OpenedCall;
}

export interface ServiceDefinition<Input> {
  readonly name: string;
  readonly family: ErrorFamily;
  /** Reads which action is asked for, and its input. */
  readonly read: (request: WireRequest, payload: Buffer) => { readonly action: string; readonly input: Input };
  readonly actions: Actions<Input>;
}

/** Makes a service out of its definition, forgetting what its inputs look like. */
export function defineService<Input>(definition: ServiceDefinition<Input>): SimulatedService {
  const { name, family, actions } = definition;
  return {
    name,
    family,
    actionNames: Object.keys(actions),
    open(request, payload) {
      const { action: actionName, input } = definition.read(request, payload);
      const action = Object.hasOwn(actions, actionName) ? actions[actionName] : undefined;
      if (action === undefined) throw new Refusal("unknown-action", unknownActionText(family, actionName));
      const role = action.roleArn?.(input);
      return {
        action: actionName,
        signature: action.signature ?? "required",
        ...(role === undefined ? {} : { roleArn: role }),
        permission: () => (typeof action.permission === "function" ? action.permission(input) : action.permission),
        resources: (context) => action.resources?.(input, context) ?? ["*"],
        conditions: (context) => action.conditions?.(input, context) ?? {},
        run: (context) => action.run(input, context),
      };
    },
  };
}

function unknownActionText(family: ErrorFamily, action: string): string | undefined {
  if (family === "query") return `Could not find operation ${action} for version 2011-06-15`;
  if (family === "ec2") return `The action ${action} is not valid for this web service.`;
  return undefined;
}
