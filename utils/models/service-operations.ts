/** Owns the operations of one service: which there are, and each opened once, when it is first asked for. */
import { AdapterError } from "../errors/adapter-error";
import type { EntityFolder } from "./entity-folder";
import type { OperationRecord, ServiceRecord } from "./entity-format";
import { LineIndex } from "./line-index";
import { suggestion } from "./nearest-name";
import { type OperationModel, operationModel } from "./operation-model";
import { ServiceModel } from "./service-model";

/** The `service` line of action.json, which is its second. */
function serviceRecord(bytes: Buffer): ServiceRecord {
  return JSON.parse(bytes.toString("latin1", bytes.indexOf("{", 2), bytes.indexOf("\n", 2) - 1)) as ServiceRecord;
}

export class ServiceOperations {
  readonly model: ServiceModel;
  readonly #operations: LineIndex;
  readonly #opened = new Map<string, OperationModel>();

  /** @throws AdapterError `MODEL_UNREADABLE` when action.json is missing or broken */
  constructor(folder: EntityFolder) {
    const action = folder.read("action.json", (bytes) => ({
      record: serviceRecord(bytes),
      operations: new LineIndex(bytes, "operations"),
    }));
    this.model = new ServiceModel(folder, action.record);
    this.#operations = action.operations;
  }

  /** As AWS spells them, sorted. */
  operationNames(): readonly string[] {
    return this.#operations.keys();
  }

  hasOperation(name: string): boolean {
    return this.#operations.has(name);
  }

  /** An operation as its line has it. */
  record(name: string): OperationRecord {
    return this.#operations.read(name) as OperationRecord;
  }

  /**
   * @param name - as AWS spells it: `DescribeInstances`
   * @throws AdapterError `UNKNOWN_OPERATION`, with the nearest name
   */
  operation(name: string): OperationModel {
    let operation = this.#opened.get(name);
    if (operation === undefined) {
      const record = this.#operations.read(name) as OperationRecord | undefined;
      if (record === undefined) {
        const detail = { found: name, service: this.model.name, suggestion: suggestion(name, this.operationNames()) };
        throw new AdapterError("UNKNOWN_OPERATION", detail);
      }
      operation = operationModel(this.model, name, record);
      this.#opened.set(name, operation);
    }
    return operation;
  }
}
