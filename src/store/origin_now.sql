SELECT origin();
