/** prewarm's version, the same as in package.json and in the agent. */
export const VERSION = "0.1.0";
