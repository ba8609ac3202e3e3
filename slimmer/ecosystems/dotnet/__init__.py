"""What slim knows of .NET: what an application was published with."""
