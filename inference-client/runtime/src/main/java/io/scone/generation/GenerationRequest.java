package io.scone.generation;

/** A prompt and how to continue it. */
public final class GenerationRequest {
  private final int[] prompt;
  private final GenerationOptions options;

  /**
   * Makes a request.
   *
   * @param prompt the prompt's tokens, which are not copied and must not change
   */
  public GenerationRequest(int[] prompt, GenerationOptions options) {
    this.prompt = prompt;
    this.options = options;
  }

  int[] prompt() {
    return prompt;
  }

  GenerationOptions options() {
    return options;
  }
}
