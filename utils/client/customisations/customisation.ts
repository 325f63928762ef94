/** Owns what a service may have to itself: the moments of a call at which it steps in. */
import type { OperationModel } from "../../models/operation-model";
import type { HttpRequest } from "../../types/http";
import type { Endpoint } from "../endpoint";
import type { EndpointParameterValues } from "../endpoint-parameters";

export type NativeInput = Record<string, unknown>;

/** An answer whose body was read, before anybody looks into it. */
export interface BufferedResponse {
  statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Sees a body pass by. */
export interface BodyWatch {
  update(part: Uint8Array): void;
  /** @throws AdapterError when it was not what it should have been */
  end(): Promise<void>;
}

export interface CustomisationContext {
  readonly operation: OperationModel;
  /** What becomes of the request; whoever uses a presigned one brings the body. */
  readonly purpose: "send" | "presign";
  /** Region of the call; empty when none is configured. */
  readonly region: string;
  /** Presigns an operation of this service in another region, as the identity of the call. */
  presignedUrl(region: string, query: Readonly<Record<string, string>>, input: NativeInput): Promise<string>;
}

/** Every moment is optional; they come in this order. */
export interface Customisation {
  /** Completes or corrects the native input; answers a new one and leaves the given one alone. */
  input?(input: NativeInput, context: CustomisationContext): NativeInput | Promise<NativeInput>;
  /** Corrects the parameters of the endpoint rules in place. */
  endpointParameters?(parameters: EndpointParameterValues): void;
  endpoint?(endpoint: Endpoint, input: NativeInput): Endpoint;
  /** Answers what is serialized where that differs from what the endpoint rules were asked about. */
  afterEndpoint?(input: NativeInput): NativeInput;
  /** Changes the request in place, before it is signed. */
  request?(request: HttpRequest, input: NativeInput, context: CustomisationContext): void | Promise<void>;
  /** Time that the service may take on purpose, in milliseconds, on top of an attempt's own limit. */
  waitsMs?(input: NativeInput): number;
  /** Follows a body that goes into a file. */
  watch?(
    response: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> },
    context: CustomisationContext,
  ): BodyWatch | undefined;
  /** Checks or corrects a buffered answer. @throws AdapterError */
  response?(response: BufferedResponse, context: CustomisationContext): void | Promise<void>;
  /** Checks the JSON-safe output. @throws AdapterError */
  output?(output: Readonly<Record<string, unknown>>, input: NativeInput, context: CustomisationContext): void;
}

/** Made once for each operation, with the options that the model gives for it. */
export type CustomisationFactory = (
  options: Readonly<Record<string, unknown>>,
  operation: OperationModel,
) => Customisation;
