/** Owns the simulated EC2: instances that are described, run, started, stopped, tagged and terminated. */
import { type Answer, ec2Namespace } from "../answer";
import type { RandomBytes } from "../credential-store";
import { QueryParameters } from "../query-parameters";
import { type Action, defineService, type SignedCallContext, type SimulatedService } from "../service";
import { ServiceFault } from "../service-fault";
import type { Ec2Instance, World } from "../world";
import { type XmlValue, xmlDocument } from "../xml";
import { instanceFilter } from "./ec2-filters";
import { Ec2Store, type StateName, stateXml } from "./ec2-store";

type Ec2Action = Action<QueryParameters>;

function answer(action: string, content: Readonly<Record<string, XmlValue>>, context: SignedCallContext): Answer {
  return {
    status: 200,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": context.requestId },
    body: xmlDocument(`${action}Response`, ec2Namespace, { requestId: context.requestId, ...content }),
  };
}

const instanceArn = (id: string, { region, caller }: SignedCallContext): string =>
  `arn:aws:ec2:${region}:${caller.accountId}:instance/${id}`;

/** Permission has been checked by then, which is all that a dry run asks. */
function refuseDryRun(parameters: QueryParameters): void {
  if (parameters.get("DryRun") === "true") {
    throw new ServiceFault("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  }
}

function required(parameters: QueryParameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined)
    throw new ServiceFault("MissingParameter", `The request must contain the parameter ${name}`, 400);
  return value;
}

/** One page of `items`. */
function paginate<T>(
  items: readonly T[],
  parameters: QueryParameters,
): { readonly page: readonly T[]; readonly nextToken?: string } {
  const max = parameters.integer("MaxResults");
  const token = parameters.get("NextToken");
  if (max !== undefined && !(max >= 5 && max <= 1000)) {
    throw new ServiceFault(
      "InvalidParameterValue",
      `Value ( ${max} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
      400,
    );
  }
  const start = token === undefined ? 0 : Number(Buffer.from(token, "base64").toString("latin1"));
  if (!Number.isInteger(start) || start < 0)
    throw new ServiceFault("InvalidNextToken", "The token supplied is invalid.", 400);
  const end = max === undefined ? items.length : start + max;
  const more = end < items.length;
  return { page: items.slice(start, end), ...(more ? { nextToken: Buffer.from(String(end)).toString("base64") } : {}) };
}

const tagsOf = (parameters: readonly QueryParameters[]): Record<string, string> =>
  Object.fromEntries(parameters.map((tag) => [tag.get("Key") ?? "", tag.get("Value") ?? ""]));

/** An action that takes instances from one state through another to a third. */
function transition(
  store: Ec2Store,
  action: "StartInstances" | "StopInstances" | "TerminateInstances",
  passing: StateName,
  settled: Ec2Instance["state"],
): Ec2Action {
  return {
    permission: `ec2:${action}`,
    resources: (parameters, context) => parameters.list("InstanceId").map((id) => instanceArn(id, context)),
    run(parameters, context) {
      required(parameters, "InstanceId.1");
      refuseDryRun(parameters);
      const found = store.find(parameters.list("InstanceId"), context.caller.accountId, context.region);
      const gone = found.find((instance) => instance.state === "terminated");
      if (gone !== undefined && action !== "TerminateInstances") {
        const text = `The instance '${gone.instanceId}' is not in a state from which it can be ${action === "StartInstances" ? "started" : "stopped"}.`;
        throw new ServiceFault("IncorrectInstanceState", text, 400);
      }
      const item = found.map((instance) => {
        const changes = instance.state !== settled;
        if (changes) store.put({ ...instance, state: settled });
        return {
          instanceId: instance.instanceId,
          currentState: stateXml(changes ? passing : settled),
          previousState: stateXml(instance.state),
        };
      });
      return answer(action, { instancesSet: { item } }, context);
    },
  };
}

function runInstances(store: Ec2Store): Ec2Action {
  const earlier = new Map<string, readonly Ec2Instance[]>();
  return {
    permission: "ec2:RunInstances",
    resources: (_, context) => [instanceArn("*", context)],
    run(parameters, context) {
      const imageId = required(parameters, "ImageId");
      const min = Number(required(parameters, "MinCount"));
      const max = Number(required(parameters, "MaxCount"));
      if (!/^ami-[0-9a-f]{8,17}$/.test(imageId))
        throw new ServiceFault("InvalidAMIID.Malformed", `Invalid id: "${imageId}"`, 400);
      if (!(min >= 1 && max >= min && max <= 100)) {
        throw new ServiceFault("InvalidParameterValue", `Invalid value '${max}' for MaxCount.`, 400);
      }
      refuseDryRun(parameters);
      const clientToken = parameters.get("ClientToken");
      const name = `${context.caller.accountId}/${clientToken}`;
      const specifications = parameters
        .structures("TagSpecification")
        .filter((one) => one.get("ResourceType") === "instance");
      const made =
        (clientToken === undefined ? undefined : earlier.get(name)) ??
        Array.from(
          { length: max },
          (_, index): Ec2Instance => ({
            instanceId: `i-${store.randomHex(17)}`,
            accountId: context.caller.accountId,
            region: context.region,
            availabilityZone: `${context.region}a`,
            instanceType: parameters.get("InstanceType") ?? "m1.small",
            imageId,
            state: "running",
            vpcId: "vpc-0f1e2d3c4b5a69788",
            subnetId: parameters.get("SubnetId") ?? "subnet-0a9b8c7d6e5f40001",
            privateIpAddress: `10.0.4.${(4 + index + store.instances(context.caller.accountId, context.region).length) % 250}`,
            launchTime: new Date(context.nowMs).toISOString(),
            tags: Object.assign({}, ...specifications.map((one) => tagsOf(one.structures("Tag")))) as Record<
              string,
              string
            >,
          }),
        );
      for (const instance of made) store.put(instance);
      if (clientToken !== undefined) earlier.set(name, made);
      const content = {
        reservationId: store.reservationId(made[0] as Ec2Instance),
        ownerId: context.caller.accountId,
        groupSet: "",
        instancesSet: { item: made.map((instance) => store.instanceXml(instance)) },
      };
      return answer("RunInstances", content, context);
    },
  };
}

/** @returns the simulated EC2 */
export function createEc2(world: World, randomBytes: RandomBytes): SimulatedService {
  const store = new Ec2Store(world, randomBytes);
  const describeInstances: Ec2Action = {
    permission: "ec2:DescribeInstances",
    run(parameters, context) {
      const ids = parameters.list("InstanceId");
      const { accountId } = context.caller;
      if (ids.length > 0 && parameters.get("MaxResults") !== undefined) {
        const text = "The parameter instancesSet cannot be used with the parameter maxResults";
        throw new ServiceFault("InvalidParameterCombination", text, 400);
      }
      const filter = instanceFilter(parameters);
      refuseDryRun(parameters);
      const all =
        ids.length > 0 ? store.find(ids, accountId, context.region) : store.instances(accountId, context.region);
      const { page, nextToken } = paginate(all.filter(filter), parameters);
      const item = page.map((instance) => store.reservationXml(instance));
      return answer("DescribeInstances", { reservationSet: { item }, nextToken }, context);
    },
  };
  const describeRegions: Ec2Action = {
    permission: "ec2:DescribeRegions",
    run(parameters, context) {
      const wanted = parameters.list("RegionName");
      const item = world.regions
        .filter((region) => wanted.length === 0 || wanted.includes(region))
        .map((region) => ({
          regionName: region,
          regionEndpoint: `ec2.${region}.amazonaws.com`,
          optInStatus: "opt-in-not-required",
        }));
      return answer("DescribeRegions", { regionInfo: { item } }, context);
    },
  };
  const describeVpcs: Ec2Action = {
    permission: "ec2:DescribeVpcs",
    run(_, context) {
      const vpcs = new Set(store.instances(context.caller.accountId, context.region).map(({ vpcId }) => vpcId));
      const item = [...vpcs].map((vpcId) => ({
        vpcId,
        ownerId: context.caller.accountId,
        state: "available",
        cidrBlock: "10.0.0.0/16",
        dhcpOptionsId: "dopt-0123456789abcdef0",
        instanceTenancy: "default",
        isDefault: false,
      }));
      return answer("DescribeVpcs", { vpcSet: { item } }, context);
    },
  };
  const createTags: Ec2Action = {
    permission: "ec2:CreateTags",
    resources: (parameters, context) => parameters.list("ResourceId").map((id) => instanceArn(id, context)),
    run(parameters, context) {
      required(parameters, "ResourceId.1");
      refuseDryRun(parameters);
      const tags = tagsOf(parameters.structures("Tag"));
      for (const instance of store.find(parameters.list("ResourceId"), context.caller.accountId, context.region)) {
        store.put({ ...instance, tags: { ...instance.tags, ...tags } });
      }
      return answer("CreateTags", { return: true }, context);
    },
  };
  return defineService<QueryParameters>({
    name: "ec2",
    family: "ec2",
    read(request, payload) {
      const input = QueryParameters.read(request, payload);
      return { action: input.get("Action") ?? "", input };
    },
    actions: {
      DescribeInstances: describeInstances,
      DescribeRegions: describeRegions,
      DescribeVpcs: describeVpcs,
      RunInstances: runInstances(store),
      StartInstances: transition(store, "StartInstances", "pending", "running"),
      StopInstances: transition(store, "StopInstances", "stopping", "stopped"),
      TerminateInstances: transition(store, "TerminateInstances", "shutting-down", "terminated"),
      CreateTags: createTags,
    },
  });
}
