package conformance;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;

/** Calls what not every version has, or has with other parameters. */
final class Reflection {
    private Reflection() {}

    static boolean exists(String type) {
        try {
            Class.forName(type, false, Reflection.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    static boolean declares(Class<?> type, String method, int parameters) {
        for (Method declared : type.getMethods()) {
            if (declared.getName().equals(method) && declared.getParameterCount() == parameters) {
                return true;
            }
        }
        return false;
    }

    @SuppressWarnings("unchecked")
    static <T> T create(Class<T> type, Object... arguments) throws Exception {
        Constructor<?> constructor = fitting(List.of(type.getConstructors()), arguments);
        try {
            return (T) constructor.newInstance(arguments);
        } catch (InvocationTargetException thrown) {
            throw Reflection.<Exception>uncheck(thrown.getCause());
        }
    }

    /** Calls a public method of an object, or a static one where the receiver is a class. */
    @SuppressWarnings("unchecked")
    static <T> T call(Object receiver, String name, Object... arguments) throws Exception {
        Class<?> type = receiver instanceof Class<?> itself ? itself : receiver.getClass();
        List<Method> named = List.of(type.getMethods()).stream().filter(method -> method.getName().equals(name)).toList();
        Method method = fitting(named, arguments);
        try {
            return (T) method.invoke(receiver, arguments);
        } catch (InvocationTargetException thrown) {
            throw Reflection.<Exception>uncheck(thrown.getCause());
        }
    }

    /** As {@link #call}, where the compiler need not know what the method may throw. */
    static <T> T callQuietly(Object receiver, String name, Object... arguments) {
        try {
            return call(receiver, name, arguments);
        } catch (Exception thrown) {
            throw Reflection.<RuntimeException>uncheck(thrown);
        }
    }

    private static <E extends Executable> E fitting(List<E> candidates, Object... arguments) throws NoSuchMethodException {
        for (E candidate : candidates) {
            if (fits(candidate.getParameterTypes(), arguments)) {
                candidate.setAccessible(true);
                return candidate;
            }
        }
        throw new NoSuchMethodException("none of " + candidates + " takes " + List.of(arguments));
    }

    private static boolean fits(Class<?>[] parameters, Object[] arguments) {
        if (parameters.length != arguments.length) {
            return false;
        }
        for (int at = 0; at < parameters.length; at++) {
            Class<?> parameter = parameters[at] == boolean.class ? Boolean.class : parameters[at];
            if (arguments[at] != null && !parameter.isInstance(arguments[at])) {
                return false;
            }
        }
        return true;
    }

    /** Throws as it is what the server threw: wrapped, it would be another answer. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T uncheck(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
