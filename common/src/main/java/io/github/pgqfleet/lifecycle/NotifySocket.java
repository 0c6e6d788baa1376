package io.github.pgqfleet.lifecycle;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Sends datagrams to a Unix socket, for which the JDK has no channel: three functions of the C
 * library, through the JDK's own interface to it. {@code systemd-notify} would be a process for
 * each beat, whom systemd has to believe too; the libraries for it bring JNA's native code into the
 * jar. The constants are Linux's, where alone systemd is. Thread-safe.
 */
@SuppressWarnings("restricted") // the jar's manifest allows native access
final class NotifySocket {

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int FAMILY_BYTES = 2;
  private static final int LONGEST_PATH = 107;

  /** Made when first used, so that a process that nobody watches does not pay for it. */
  private static final class C {
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();

    private static final MethodHandle SOCKET =
        function(
            "socket",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    private static final MethodHandle SENDTO =
        function(
            "sendto",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
        function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
      var linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, ERRNO);
    }
  }

  private final byte[] path;

  /**
   * @param address a path, or with @ in front a name in Linux's abstract namespace
   */
  NotifySocket(String address) {
    this.path = address.getBytes(StandardCharsets.UTF_8);
    if (path[0] == '@') {
      path[0] = 0;
    }
  }

  /**
   * Sends one datagram.
   *
   * @throws IOException when nobody receives at that address
   */
  void send(String text) throws IOException {
    if (path.length > LONGEST_PATH) {
      throw new IOException("the socket's path is too long");
    }
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(C.STATE);
      var payload =
          arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
      var address = arena.allocate(FAMILY_BYTES + path.length + 1L);
      address.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) AF_UNIX);
      MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, FAMILY_BYTES, path.length);
      // A name in the abstract namespace is as long as said, a path ends with 0.
      var length = FAMILY_BYTES + path.length + (path[0] == 0 ? 0 : 1);
      var socket = (int) C.SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (socket < 0) {
        throw failed("socket", state);
      }
      try {
        var sent =
            (long)
                C.SENDTO.invokeExact(
                    state, socket, payload, payload.byteSize(), 0, address, length);
        if (sent != payload.byteSize()) {
          throw failed("sendto", state);
        }
      } finally {
        var _ = (int) C.CLOSE.invokeExact(state, socket);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // a downcall throws nothing
    }
  }

  private static IOException failed(String function, MemorySegment state) {
    var errno =
        state.get(
            ValueLayout.JAVA_INT,
            C.STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno")));
    return new IOException(function + ": errno " + errno);
  }
}
