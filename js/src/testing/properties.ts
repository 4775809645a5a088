import fc from "fast-check";

/**
 * For all tests of properties. Making a failing example smaller may take for ever where one run
 * takes long: after a while it is told as it is.
 */
fc.configureGlobal({ ...fc.readConfigureGlobal(), interruptAfterTimeLimit: 20_000 });
