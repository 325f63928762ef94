/** Owns the one RSA key of these tests: each costs more than the test that wants it, and none is about how it was made. */
import { makeKey } from "../../utils/simulator/issue-certificate";
import { lazy } from "../../utils/types/lazy";

/** 2048 bits, the same at every call. */
export const rsaKey = lazy(() => makeKey("rsa-2048"));
