package io.scone.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Option;

/** How a server logs, on standard error; a mixin. */
final class LogOptions {
  /** What a line of the log looks like. */
  enum Format {
    /** For people. */
    TEXT,
    /** One JSON object. */
    JSON;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How grave a line is; the gravest first. */
  private enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      description = "Lines of text, or one JSON object a line.")
  private Format format = Format.TEXT;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "The least that is logged: error, warn, info, debug or trace.")
  private Level level = Level.INFO;

  Format format() {
    return format;
  }

  /** Has everything logged so from now on. */
  void apply() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    context.putProperty("format", format.toString());
    context.putProperty("level", level.name());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(LogOptions.class.getResource("/logback.xml"));
    } catch (JoranException e) {
      throw new IllegalStateException("the log's own configuration is wrong", e);
    }
    bridge();
  }

  /** Has what libraries log through the JDK logged as the rest is. */
  static void bridge() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
