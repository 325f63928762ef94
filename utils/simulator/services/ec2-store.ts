/** Owns the simulated instances and their states. */
import type { RandomBytes } from "../credential-store";
import { ServiceFault } from "../service-fault";
import type { Ec2Instance, World } from "../world";
import { RawXml, xml } from "../xml";

/** State names and the codes that EC2 gives them. */
export const stateCodes = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;
export type StateName = keyof typeof stateCodes;

/** @returns the two elements of a state */
export const stateXml = (name: StateName): { readonly code: number; readonly name: string } => ({
  code: stateCodes[name],
  name,
});

const markup = (instance: Ec2Instance): string =>
  xml({
    instanceId: instance.instanceId,
    imageId: instance.imageId,
    instanceState: stateXml(instance.state),
    privateDnsName: `ip-${instance.privateIpAddress.replaceAll(".", "-")}.ec2.internal`,
    dnsName:
      instance.publicIpAddress === undefined
        ? ""
        : `ec2-${instance.publicIpAddress.replaceAll(".", "-")}.compute-1.amazonaws.com`,
    reason: "",
    amiLaunchIndex: 0,
    instanceType: instance.instanceType,
    launchTime: instance.launchTime,
    placement: { availabilityZone: instance.availabilityZone, groupName: "", tenancy: "default" },
    monitoring: { state: "disabled" },
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    privateIpAddress: instance.privateIpAddress,
    ipAddress: instance.publicIpAddress,
    architecture: /^[a-z]+\dg/.test(instance.instanceType) ? "arm64" : "x86_64",
    rootDeviceType: "ebs",
    rootDeviceName: "/dev/xvda",
    virtualizationType: "hvm",
    hypervisor: "xen",
    ebsOptimized: false,
    enaSupport: true,
    ...(instance.instanceProfileArn === undefined
      ? {}
      : { iamInstanceProfile: { arn: instance.instanceProfileArn, id: "AIPASIMULATEDPROFILE0" } }),
    tagSet: { item: Object.entries(instance.tags).map(([key, value]) => ({ key, value })) },
  });

export class Ec2Store {
  readonly #instances = new Map<string, Ec2Instance>();
  /** Written once for each version of an instance: describing is what clients do most. */
  readonly #reservations = new WeakMap<Ec2Instance, RawXml>();

  constructor(
    world: World,
    private readonly randomBytes: RandomBytes,
  ) {
    for (const instance of world.instances) this.#instances.set(instance.instanceId, instance);
  }

  /** The instances of an account in a region, in the order they were made. */
  instances(accountId: string, region: string): readonly Ec2Instance[] {
    return [...this.#instances.values()].filter((one) => one.accountId === accountId && one.region === region);
  }

  /** @throws ServiceFault `InvalidInstanceID.Malformed`, `InvalidInstanceID.NotFound` */
  find(ids: readonly string[], accountId: string, region: string): readonly Ec2Instance[] {
    const malformed = ids.find((id) => !/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
    if (malformed !== undefined)
      throw new ServiceFault("InvalidInstanceID.Malformed", `Invalid id: "${malformed}"`, 400);
    const known = new Map(this.instances(accountId, region).map((instance) => [instance.instanceId, instance]));
    const missing = ids.filter((id) => !known.has(id));
    if (missing.length > 0) {
      const text =
        missing.length === 1
          ? `The instance ID '${missing[0]}' does not exist`
          : `The instance IDs '${missing.join(", ")}' do not exist`;
      throw new ServiceFault("InvalidInstanceID.NotFound", text, 400);
    }
    return ids.map((id) => known.get(id) as Ec2Instance);
  }

  put(instance: Ec2Instance): void {
    this.#instances.set(instance.instanceId, instance);
  }

  randomHex(digits: number): string {
    return this.randomBytes(Math.ceil(digits / 2))
      .toString("hex")
      .slice(0, digits);
  }

  instanceXml(instance: Ec2Instance): RawXml {
    return new RawXml(markup(instance));
  }

  /** The reservation that an instance is shown in: one of its own. */
  reservationXml(instance: Ec2Instance): RawXml {
    const written = this.#reservations.get(instance);
    if (written !== undefined) return written;
    const reservation = new RawXml(
      xml({
        reservationId: this.reservationId(instance),
        ownerId: instance.accountId,
        groupSet: "",
        instancesSet: { item: this.instanceXml(instance) },
      }),
    );
    this.#reservations.set(instance, reservation);
    return reservation;
  }

  reservationId(instance: Ec2Instance): string {
    return `r-${instance.instanceId.slice(2)}`;
  }
}
