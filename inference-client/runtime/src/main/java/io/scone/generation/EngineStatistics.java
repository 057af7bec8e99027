package io.scone.generation;

/**
 * What an engine has done and has under way at one moment.
 *
 * @param waiting requests that wait for slots
 * @param sequences sequences that are read on with
 * @param cachedTokens tokens whose keys and values are held, of {@code slots} x {@code capacity}
 * @param steps steps of decoding
 * @param promptTokens tokens of prompts that were read
 * @param decodedTokens tokens that were read in steps of decoding
 * @param completed requests that ended as they should
 * @param failed requests that failed
 * @param cancelled requests that were given up
 * @param refused requests that were refused because too many waited
 */
public record EngineStatistics(
    int waiting,
    int sequences,
    long cachedTokens,
    long steps,
    long promptTokens,
    long decodedTokens,
    long completed,
    long failed,
    long cancelled,
    long refused) {}
