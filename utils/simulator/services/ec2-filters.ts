/** Owns the filters of EC2's describe actions. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html */
import { matchesPattern } from "../policy";
import type { QueryParameters } from "../query-parameters";
import { ServiceFault } from "../service-fault";
import type { Ec2Instance } from "../world";
import { stateCodes } from "./ec2-store";

type Values = (instance: Ec2Instance) => readonly (string | undefined)[];

const filters: Readonly<Record<string, Values>> = {
  "availability-zone": ({ availabilityZone }) => [availabilityZone],
  "iam-instance-profile.arn": ({ instanceProfileArn }) => [instanceProfileArn],
  "image-id": ({ imageId }) => [imageId],
  "instance-id": ({ instanceId }) => [instanceId],
  "instance-state-code": ({ state }) => [String(stateCodes[state])],
  "instance-state-name": ({ state }) => [state],
  "instance-type": ({ instanceType }) => [instanceType],
  "ip-address": ({ publicIpAddress }) => [publicIpAddress],
  "private-ip-address": ({ privateIpAddress }) => [privateIpAddress],
  "subnet-id": ({ subnetId }) => [subnetId],
  "tag-key": ({ tags }) => Object.keys(tags),
  "tag-value": ({ tags }) => Object.values(tags),
  "vpc-id": ({ vpcId }) => [vpcId],
};

function valuesOf(name: string): Values {
  if (name.startsWith("tag:")) return ({ tags }) => [tags[name.slice(4)]];
  const values = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (values === undefined) throw new ServiceFault("InvalidParameterValue", `The filter '${name}' is invalid`, 400);
  return values;
}

/**
 * @returns the test of all `Filter.N`: every filter must match, by any of its values, `*` and `?` being wildcards
 * @throws ServiceFault `InvalidParameterValue` for a filter that there is not
 */
export function instanceFilter(parameters: QueryParameters): (instance: Ec2Instance) => boolean {
  const tests = parameters.structures("Filter").map((filter) => {
    const values = valuesOf(filter.get("Name") ?? "");
    const patterns = filter.list("Value");
    return (instance: Ec2Instance): boolean =>
      values(instance).some(
        (value) => value !== undefined && patterns.some((pattern) => matchesPattern(pattern, value)),
      );
  });
  return (instance) => tests.every((test) => test(instance));
}
