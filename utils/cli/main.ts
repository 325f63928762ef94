#!/usr/bin/env node
/** Owns the entry point of the command line. */
import { runProgram } from "./program";
import { processTerminal } from "./terminal";

void runProgram(process.argv.slice(2), processTerminal());
