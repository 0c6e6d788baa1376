package io.github.pgqfleet.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What {@code --version} prints: the executable's name and the jar's version. */
public final class Version implements IVersionProvider {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public String[] getVersion() {
    var version = Optional.ofNullable(Version.class.getPackage().getImplementationVersion());
    return new String[] {
      "pgq-fleet " + spec.root().name() + " " + version.orElse("(not from a jar)"),
      "Java " + Runtime.version()
    };
  }
}
