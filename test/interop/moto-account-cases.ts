/** Owns the calls that moto is given of accounts, who may do what in them, and what they keep secret. */
import type { BreadthCases } from "./moto-step";

const role = "arn:aws:iam::123456789012:role/any";
const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
const template = JSON.stringify({ Resources: { Queue: { Type: "AWS::SQS::Queue", Properties: {} } } });

export const accountCases: BreadthCases = {
  sts: [
    ["GetCallerIdentity", {}, { Account: "123456789012" }],
    ["GetSessionToken", { DurationSeconds: 900 }, { "Credentials.SessionToken": "$t" }],
    ["AssumeRole", { RoleArn: role, RoleSessionName: "s" }, { "Credentials.AccessKeyId": "$k" }],
  ],
  iam: [
    ["CreateRole", { RoleName: "any", AssumeRolePolicyDocument: trust }, { "Role.RoleName": "any" }],
    ["TagRole", { RoleName: "any", Tags: [{ Key: "k", Value: "v" }] }],
    ["ListRoleTags", { RoleName: "any" }, { "Tags.0.Value": "v" }],
    ["CreateGroup", { GroupName: "g" }, { "Group.GroupName": "g" }],
    ["CreateUser", { UserName: "u" }, { "User.UserName": "u" }],
    ["AddUserToGroup", { GroupName: "g", UserName: "u" }],
    ["GetGroup", { GroupName: "g" }, { "Users.0.UserName": "u" }],
  ],
  organizations: [
    ["CreateOrganization", { FeatureSet: "ALL" }, { "Organization.FeatureSet": "ALL" }],
    ["ListRoots", {}, { "Roots.0.Id": "$root" }],
    ["CreateOrganizationalUnit", { ParentId: "$root", Name: "unit" }, { "OrganizationalUnit.Id": "$unit" }],
    ["ListOrganizationalUnitsForParent", { ParentId: "$root" }, { "OrganizationalUnits.0.Name": "unit" }],
    ["ListAccounts", {}, { "Accounts.0.Id": "123456789012" }],
  ],
  cloudformation: [
    ["CreateStack", { StackName: "s", TemplateBody: template }, { StackId: "$stack" }],
    ["DescribeStacks", { StackName: "s" }, { "Stacks.0.StackStatus": "CREATE_COMPLETE" }],
    ["ListStackResources", { StackName: "s" }, { "StackResourceSummaries.0.ResourceType": "AWS::SQS::Queue" }],
    ["GetTemplate", { StackName: "s" }, { TemplateBody: "$body" }],
    ["ValidateTemplate", { TemplateBody: template }],
    ["DeleteStack", { StackName: "s" }],
  ],
  ssm: [
    ["PutParameter", { Name: "/a/b", Value: "secret ü", Type: "SecureString" }, { Version: 1 }],
    ["GetParameter", { Name: "/a/b", WithDecryption: true }, { "Parameter.Value": "secret ü" }],
    ["GetParametersByPath", { Path: "/a", Recursive: true, WithDecryption: true }, { "Parameters.0.Name": "/a/b" }],
    ["AddTagsToResource", { ResourceType: "Parameter", ResourceId: "/a/b", Tags: [{ Key: "k", Value: "v" }] }],
    ["ListTagsForResource", { ResourceType: "Parameter", ResourceId: "/a/b" }, { "TagList.0.Value": "v" }],
    ["DeleteParameter", { Name: "/a/b" }],
  ],
  "secrets-manager": [
    ["CreateSecret", { Name: "breadth", SecretString: "hidden-value" }, { ARN: "$secret" }],
    ["DescribeSecret", { SecretId: "$secret" }, { Name: "breadth" }],
    ["PutSecretValue", { SecretId: "$secret", SecretBinary: { base64: "AAEC" } }],
    ["GetSecretValue", { SecretId: "$secret" }, { SecretBinary: "AAEC" }],
    ["DeleteSecret", { SecretId: "$secret", ForceDeleteWithoutRecovery: true }],
  ],
  kms: [
    ["CreateKey", { Description: "k" }, { "KeyMetadata.KeyId": "$key" }],
    ["CreateAlias", { AliasName: "alias/breadth", TargetKeyId: "$key" }],
    ["Encrypt", { KeyId: "$key", Plaintext: "plain" }, { CiphertextBlob: "$cipher" }],
    ["DescribeKey", { KeyId: "alias/breadth" }, { "KeyMetadata.Enabled": true }],
    ["ListAliases", { KeyId: "$key" }, { "Aliases.0.AliasName": "alias/breadth" }],
    ["GenerateDataKey", { KeyId: "$key", KeySpec: "AES_256" }, { Plaintext: "$data" }],
  ],
  acm: [
    ["RequestCertificate", { DomainName: "example.org" }, { CertificateArn: "$certificate" }],
    ["DescribeCertificate", { CertificateArn: "$certificate" }, { "Certificate.DomainName": "example.org" }],
    ["AddTagsToCertificate", { CertificateArn: "$certificate", Tags: [{ Key: "k", Value: "v" }] }],
    ["ListTagsForCertificate", { CertificateArn: "$certificate" }, { "Tags.0.Value": "v" }],
    ["DeleteCertificate", { CertificateArn: "$certificate" }],
  ],
  "service-catalog": [
    ["CreatePortfolio", { DisplayName: "p", ProviderName: "me" }, { "PortfolioDetail.Id": "$portfolio" }],
    ["ListPortfolios", {}, { "PortfolioDetails.0.DisplayName": "p" }],
    ["DescribePortfolio", { Id: "$portfolio" }, { "PortfolioDetail.ProviderName": "me" }],
  ],
};
