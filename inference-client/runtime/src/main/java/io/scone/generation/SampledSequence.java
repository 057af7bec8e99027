package io.scone.generation;

import io.scone.generation.Generation.StopReason;
import io.scone.tokenizer.Tokenizer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A sequence whose next token is chosen by its own sampler, and its text. */
final class SampledSequence extends Sequence {
  private final GenerationOptions options;
  private final int endOfText;
  private final int maxSize;
  private final List<LogitsProcessor> processors;
  private final Sampler sampler;
  private final TextStream stream;
  private final StopStrings stops;
  private final StringBuilder text = new StringBuilder();
  private final List<TokenLogprobs> logprobs = new ArrayList<>();

  /** For each token whether it begins in the text: where the stream's text stood before it. */
  private final List<Integer> starts = new ArrayList<>();

  private int streamed;
  private int toldText;
  private int toldLogprobs;
  private StopReason stopReason;
  private RuntimeException failure;

  /**
   * Makes a sequence that begins as its prompt.
   *
   * @param maxSize the most tokens that there may be in all
   * @param random what its choices come from, for it alone
   */
  SampledSequence(SequenceGroup group, Tokenizer tokenizer, int maxSize, SplittableRandom random) {
    super(new TokenHistory(group.prompt()), group.matches());
    this.options = group.options();
    this.endOfText = tokenizer.endOfText();
    this.maxSize = maxSize;
    this.processors = LogitsProcessor.of(options.sampling(), options.minTokens(), endOfText);
    this.sampler = new Sampler(options.sampling(), random);
    this.stream = new TextStream(tokenizer);
    this.stops = new StopStrings(options.stop());
  }

  @Override
  void score(FloatBuffer logits, int place, Workspace workspace) {
    try {
      choose(logits, place, workspace);
    } catch (RuntimeException e) {
      failure = e; // of this sequence alone: the others of the batch go on
    }
  }

  private void choose(FloatBuffer logits, int place, Workspace workspace) {
    float[] changed = workspace.load(logits, place);
    Workspace.Likeliest likeliest =
        options.logprobs().isPresent() ? workspace.likeliest(options.logprobs().getAsInt()) : null;
    for (LogitsProcessor processor : processors) {
      processor.process(changed, history());
    }
    int token = sampler.sample(changed, workspace.candidates());
    if (token == endOfText) {
      end(StopReason.END_OF_TEXT);
      return;
    }
    history().add(token);
    if (likeliest != null) {
      logprobs.add(likeliest.of(token, logits.get(place * changed.length + token)));
      starts.add(streamed);
    }
    give(stream.append(token));
    if (stopReason == null && history().generated() == options.maxTokens()) {
      end(StopReason.MAX_TOKENS);
    } else if (stopReason == null && history().size() == maxSize) {
      end(StopReason.CONTEXT);
    }
  }

  private void end(StopReason reason) {
    give(stream.finish());
    if (stopReason == null) {
      text.append(stops.finish());
      stopReason = reason;
    }
  }

  private void give(String piece) {
    streamed += piece.length();
    if (history().generated() < options.minTokens()) {
      text.append(piece); // what comes so early stops nothing
      return;
    }
    text.append(stops.append(piece));
    if (stops.isStopped()) {
      stopReason = StopReason.STOP_STRING;
    }
  }

  /** Returns why the sequence ended, or null while it goes on. */
  StopReason stopReason() {
    return stopReason;
  }

  /** Returns why the sequence cannot go on, or null. */
  RuntimeException failure() {
    return failure;
  }

  /** Returns the whole text. */
  String text() {
    return text.toString();
  }

  /** Returns the log-probabilities of all tokens. */
  List<TokenLogprobs> logprobs() {
    return logprobs;
  }

  /** Tells what is new. */
  void tell(int sequence, GenerationListener listener) {
    int known = toldLogprobs;
    boolean whole = stopReason != null && stopReason != StopReason.STOP_STRING;
    while (known < starts.size() && (whole || starts.get(known) < text.length())) {
      known++;
    }
    if (toldText < text.length() || toldLogprobs < known) {
      String piece = text.substring(toldText);
      List<TokenLogprobs> told = List.copyOf(logprobs.subList(toldLogprobs, known));
      toldText = text.length();
      toldLogprobs = known;
      listener.onPiece(sequence, piece, told);
    }
  }
}
