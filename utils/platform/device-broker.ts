/** Owns the device broker: EC2 instances as devices, in the form that the platform reads, without an envelope. */
import { AdapterError } from "../errors/adapter-error";
import type { AdapterParts, Performance } from "./adapter-parts";
import { type OperationCall, objectArgument, operationCall, textArgument } from "./read-arguments";
import { type Entry, selectEntries } from "./select-entries";

/** The part of a described instance that becomes a device. */
interface Instance {
  readonly InstanceId?: string;
  readonly InstanceType?: string;
  readonly PrivateIpAddress?: string;
  readonly PublicIpAddress?: string;
  readonly PlatformDetails?: string;
  readonly Platform?: string;
  readonly State?: { readonly Name?: string };
  readonly Placement?: { readonly AvailabilityZone?: string };
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[];
}

/** A bound on pages, so that a server that always has another one is not asked for ever. */
const MAX_PAGES = 1000;
const PAGE_SIZE = 1000;
const SSH_PORT = 22;

/** Every instance that AWS shows to the identity of `devicebroker`; terminated ones are no devices. */
async function instances(parts: AdapterParts, input: Record<string, unknown> = {}): Promise<Instance[]> {
  const found: Instance[] = [];
  let params: Record<string, unknown> = "InstanceIds" in input ? input : { MaxResults: PAGE_SIZE, ...input };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { response } = await parts.call(() => describeCall(parts, params));
    const { Reservations = [], NextToken } = response as {
      readonly Reservations?: readonly { readonly Instances?: readonly Instance[] }[];
      readonly NextToken?: string;
    };
    for (const { Instances = [] } of Reservations) found.push(...Instances);
    if (!NextToken) break;
    params = { ...params, NextToken };
  }
  return found.filter(({ State }) => State?.Name !== "terminated");
}

/** The call that the settings want: as their role, in their region. */
function describeCall({ instance }: AdapterParts, params: Record<string, unknown>): OperationCall {
  const { stsParams, roleName, region } = instance.settings?.deviceBroker ?? {};
  const role = {
    stsParams: objectArgument("devicebroker.stsParams", stsParams),
    roleName: textArgument("devicebroker.roleName", roleName),
  };
  const named = Object.keys(role.stsParams ?? {}).length > 0 || role.roleName !== undefined;
  const metadata = region ? { callProperties: { region: textArgument("devicebroker.region", region) } } : null;
  return named
    ? operationCall("ec2", "DescribeInstances", "STSRole", [params, role.stsParams, role.roleName, metadata])
    : operationCall("ec2", "DescribeInstances", "plain", [params, metadata]);
}

const nameOf = ({ Tags = [], InstanceId = "" }: Instance): string =>
  Tags.find(({ Key }) => Key === "Name")?.Value || InstanceId;

function device(instance: Instance): Entry {
  const { InstanceId, InstanceType, PrivateIpAddress, PublicIpAddress, State, Placement, Tags = [] } = instance;
  const windows = instance.Platform?.toLowerCase() === "windows";
  return {
    name: nameOf(instance),
    id: InstanceId,
    ostype: windows ? "windows" : "linux",
    ostypePrefix: "aws-ec2-",
    ipaddress: PublicIpAddress ?? PrivateIpAddress ?? "",
    port: SSH_PORT,
    model: InstanceType,
    status: State?.Name,
    zone: Placement?.AvailabilityZone,
    tags: Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value])),
  };
}

/** @throws AdapterError `INVALID_INPUT` when there is none, or more than one by that name */
async function find(parts: AdapterParts, deviceName: unknown): Promise<Instance> {
  const name = textArgument("deviceName", deviceName);
  const problem = (found: string, expected: string) =>
    new AdapterError("INVALID_INPUT", {
      parameter: "deviceName",
      found,
      expected,
      documentation: "getDevicesFiltered lists the devices with their ids.",
    });
  if (name === undefined) throw problem("nothing", "the name or the id of an EC2 instance");
  const input = /^i-[0-9a-f]+$/.test(name)
    ? { InstanceIds: [name] }
    : { Filters: [{ Name: "tag:Name", Values: [name] }] };
  const found = (await instances(parts, input)).filter((one) => one.InstanceId === name || nameOf(one) === name);
  if (found.length === 1) return found[0] as Instance;
  throw problem(
    JSON.stringify(name),
    found.length === 0 ? "an EC2 instance that exists" : "a name that one instance has, or its id",
  );
}

export const getDevice: Performance = async (parts, [deviceName]) => device(await find(parts, deviceName));

/** @see selectEntries for `options` */
export const getDevicesFiltered: Performance = async (parts, [options]) => {
  objectArgument("options", options);
  return selectEntries((await instances(parts)).map(device), options);
};

export const isAlive: Performance = async (parts, [deviceName]) =>
  (await find(parts, deviceName)).State?.Name === "running";

export const getConfig: Performance = async (parts, [deviceName, format]) => {
  const found = await find(parts, deviceName);
  return {
    response: textArgument("format", format)?.toLowerCase() === "text" ? JSON.stringify(found, null, 2) : found,
  };
};

export const getDeviceCount: Performance = async (parts) => ({ count: (await instances(parts)).length });
