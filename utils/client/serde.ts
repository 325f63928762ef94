/** Owns the late loading of the SDK's conversions of single values: they bring streams with them, and few values need them. */
import { lazy } from "../types/lazy";

export const serde: () => typeof import("@smithy/core/serde") = lazy(() => require("@smithy/core/serde"));
