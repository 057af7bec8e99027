/**
 * The benchmarks: the cache server measured beside the stores that people would use instead, models
 * beside their peers, and the soak.
 *
 * <p>It may use any part and none may use it, but the command line, which runs it. What it measures
 * it calls as a user's program would.
 */
package io.scone.bench;
