/** The benchmarks: the cache server measured beside the stores that people would use instead. */
package io.scone.bench;
