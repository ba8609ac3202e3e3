package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

public class Typed implements RequestHandler<App.Person, App.Person> {
    @Override
    public App.Person handleRequest(App.Person event, Context context) {
        event.setName(event.getName() + "!");
        return event;
    }
}
