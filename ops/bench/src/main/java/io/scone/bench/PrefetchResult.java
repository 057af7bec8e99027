package io.scone.bench;

/**
 * What fetching ahead gave in one setting; shares are of all tokens, or of all steps.
 *
 * @param ahead of how many likely tokens the rows were fetched
 * @param cacheBytes bytes of the client's row cache
 * @param prefetched share of tokens whose rows, or that they have none, had been fetched ahead
 * @param cached share of tokens that the row cache knew
 * @param awaited share of tokens that the server was asked for
 * @param stepsWaited share of steps that waited for the server
 * @param waitMicros median of the time that finding the rows took in those
 * @param otherMicros median of the time that it took in the others
 * @param receivedBytes bytes received for a step
 * @param serverCpuMicros time that the server's processor worked for a step
 */
public record PrefetchResult(
    int ahead,
    long cacheBytes,
    double prefetched,
    double cached,
    double awaited,
    double stepsWaited,
    double waitMicros,
    double otherMicros,
    double receivedBytes,
    double serverCpuMicros) {}
