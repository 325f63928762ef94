/** Owns the names whose values are secret wherever they appear: headers, query keys, body members. All in lower case. */

/** Header names. `authorization` is not among them: its credential scope stays readable, see mask-structure.ts. */
export const secretHeaderNames: readonly string[] = [
  "x-amz-security-token",
  "x-amz-s3session-token",
  "x-aws-ec2-metadata-token",
  "x-amz-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key",
  "x-amz-mfa",
  "x-amz-x509",
  "x-api-key",
  "api-key",
  "x-auth-token",
  "x-csrf-token",
  "x-vault-token",
  "cookie",
  "set-cookie",
];

/** Query keys of presigned URLs and of token requests. */
export const secretQueryNames: readonly string[] = ["x-amz-signature", "signature", "sig"];

/**
 * Members of request and answer bodies, and properties of a service instance. What the models mark as sensitive comes on
 * top, per operation; these are masked even where no model is at hand. Access key ids are not secret and stay readable.
 */
export const secretMemberNames: readonly string[] = [
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html and the metadata service
  "secretaccesskey",
  "secret_access_key",
  "sessiontoken",
  "session_token",
  "token",
  "tokencode",
  "webidentitytoken",
  "samlassertion",
  "awssecretaccesskey",
  "awssessiontoken",
  // service instance properties
  "aws_secret_key",
  "aws_session_token",
  "aws_secret_access_key",
  "client_secret",
  "passphrase",
  "private_key",
  "pkcs12",
  "redis_url",
  "sentinel_password",
  // bodies of many services
  "secretstring",
  "secretbinary",
  "secretkey",
  "password",
  "passwd",
  "newpassword",
  "oldpassword",
  "passworddata",
  "userpassword",
  "masteruserpassword",
  "servicepassword",
  "authtoken",
  "authorizationtoken",
  "bearertoken",
  "accesstoken",
  "access_token",
  "refreshtoken",
  "refresh_token",
  "idtoken",
  "id_token",
  "apikey",
  "api_key",
  "clientsecret",
  "privatekey",
  "privatekeyplaintext",
  "keymaterial",
  "plaintext",
  "base32stringseed",
  "qrcodepng",
  "authenticationcode1",
  "authenticationcode2",
];
